//! Synthetic certificates with what is hard about real ones: rare characters, compound surnames,
//! names with a dot, traditional and Japanese forms, numbers that hold ID numbers and repeat,
//! lives with every kind of event.

use crate::support::{date, instant};
use chrono::{Datelike, Days};
use domain::{
    Date, Instant,
    catalogue::Catalogue,
    certificate::{
        Certificate, EducationHours, Holder, IdentityDocument, IdentityKind, Organisation, Source, Terms,
        Training,
    },
    ids::{CertificateId, EventId, HolderId, OrganisationId},
    lifecycle::{Event, EventKind, current_terms},
    number::{citizen_id, uscc},
};
use rand::{Rng, SeedableRng, seq::IndexedRandom};
use rand_chacha::ChaCha8Rng;
use uuid::Uuid;

pub const NAMES: [&str; 40] = [
    "张伟",
    "张明",
    "张小明",
    "王芳",
    "王小芳",
    "李娜",
    "李思思",
    "单雄信",
    "曾国强",
    "仇英",
    "解晓东",
    "查良",
    "张為",
    "欧阳娜娜",
    "司马光明",
    "尉迟恭",
    "万俟明",
    "诸葛青云",
    "李𬭎",
    "王㛃",
    "龚䶮",
    "买买提·艾力",
    "古丽·阿依古丽",
    "阿卜杜拉·买买提江",
    "John Smith",
    "Maria Garcia",
    "張偉",
    "陳曉東",
    "沢田桜",
    "黄国华",
    "刘洋",
    "刘扬",
    "陈静",
    "陈婧",
    "杨光",
    "赵磊",
    "赵雷",
    "周星",
    "吕布",
    "乐嘉",
];

const ORGANISATIONS: [&str; 24] = [
    "江南化工有限公司",
    "江南化工（无锡）有限责任公司",
    "江南机械有限公司",
    "江北石油化工股份有限公司",
    "武汉长江建设集团有限公司",
    "武汉长江钢铁厂",
    "仙桃农机有限公司",
    "杭州西湖电力工程有限公司",
    "杭州钱江电缆有限公司",
    "北京朝阳建筑工程有限责任公司",
    "北京朝阳物业管理有限公司",
    "宁波海港物流有限公司",
    "中铁十二局第3公司",
    "ABC Chemicals (Shanghai) Co., Ltd.",
    "唐山精密铸造厂",
    "大連港灣工程有限公司",
    "成都天府燃气有限公司",
    "江南",
    "西安秦岭矿业集团公司",
    "广州南方消防技术有限公司",
    "深圳创新安全科技有限公司",
    "青岛海工装备有限公司",
    "昆明滇池水务有限公司",
    "兰州黄河化工有限公司",
];

const ISSUERS: [&str; 7] = [
    "北京市应急管理局",
    "湖北省应急管理厅",
    "武汉市应急管理局",
    "浙江省住房和城乡建设厅",
    "山西省住房和城乡建设厅",
    "杭州市市场监督管理局",
    "湖北省住房和城乡建设厅",
];

/// 429004 hangs directly under its province; 420100 is a city itself.
pub const REGIONS: [&str; 9] =
    ["110105", "110101", "420106", "420102", "420100", "429004", "330106", "330102", "140105"];

const TYPES: [&str; 6] =
    ["mem_special_ops", "con_a", "con_c1", "con_special_ops", "se_operator", "fire_operator"];
const INDUSTRIES: [&str; 4] = ["01", "06", "07", "A"];

pub fn population(seed: u64, count: usize) -> Vec<Certificate> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let organisations: Vec<Organisation> = (0..ORGANISATIONS.len()).map(organisation).collect();
    let holders: Vec<Holder> = (0..count.div_ceil(3)).map(|index| holder(index, &mut rng)).collect();
    (0..count).map(|index| certificate(index, &holders, &organisations, &mut rng)).collect()
}

/// The same certificate before its last change, when it belonged elsewhere.
pub fn earlier_version(certificate: &Certificate) -> Certificate {
    let mut earlier = certificate.clone();
    earlier.version -= 1;
    earlier.organisation = None;
    earlier.holder.name = "旧名".to_owned();
    earlier.number = format!("OLD-{}", certificate.number.len());
    earlier.region = "110101".to_owned();
    earlier
}

fn organisation(index: usize) -> Organisation {
    let body = format!("9111010{:010}", 5_000_000 + index);
    let check = uscc::check_character(&body).unwrap();
    let uscc = (!index.is_multiple_of(5)).then(|| format!("{body}{check}"));
    let id =
        OrganisationId::from_uuid(Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0001_0000 + index as u128));
    Organisation { id, name: ORGANISATIONS[index].to_owned(), uscc }
}

fn holder(index: usize, rng: &mut ChaCha8Rng) -> Holder {
    let identity = match index % 9 {
        0 => None,
        1 => Some(IdentityDocument {
            kind: IdentityKind::Passport,
            number: format!("E{:08}", 10_000_000 + index),
        }),
        _ => Some(IdentityDocument { kind: IdentityKind::CitizenId, number: citizen_number(index, rng) }),
    };
    Holder {
        id: HolderId::from_uuid(Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0002_0000 + index as u128)),
        name: (*NAMES.choose(rng).unwrap()).to_owned(),
        identity,
        phone: Some(format!("154{index:08}")),
    }
}

fn citizen_number(index: usize, rng: &mut ChaCha8Rng) -> String {
    let birth = date("1960-01-01") + Days::new(rng.random_range(0..14_000));
    let body = format!("{}{}{:03}", REGIONS[index % 3], birth.format("%Y%m%d"), index % 1000);
    format!("{body}{}", citizen_id::check_character(&body).unwrap())
}

fn certificate(
    index: usize,
    holders: &[Holder],
    organisations: &[Organisation],
    rng: &mut ChaCha8Rng,
) -> Certificate {
    let holder = holders.choose(rng).unwrap().clone();
    let type_code = *TYPES.choose(rng).unwrap();
    let events = life(index, rng);
    let terms = current_terms(&events).unwrap();
    Certificate {
        id: CertificateId::from_uuid(Uuid::from_u128(
            0x0192_0000_0000_7000_8000_0000_0000_0000 + ((rng.random::<u32>() as u128) << 16) + index as u128,
        )),
        version: rng.random_range(2..9),
        type_code: type_code.to_owned(),
        number: number(type_code, index, &holder),
        item: (type_code == "mem_special_ops").then(|| format!("mem:1.{}", rng.random_range(1..4))),
        holder,
        identity_as_written: None,
        organisation: rng.random_bool(0.85).then(|| organisations.choose(rng).unwrap().clone()),
        issuer: (*ISSUERS.choose(rng).unwrap()).to_owned(),
        region: (*REGIONS.choose(rng).unwrap()).to_owned(),
        industry: rng.random_bool(0.7).then(|| (*INDUSTRIES.choose(rng).unwrap()).to_owned()),
        terms,
        source: Source { code: "demo".to_owned(), synced_at: instant("2026-06-01"), row: None },
        events,
        earlier: Vec::new(),
        training: vec![Training {
            course: "复审培训".to_owned(),
            provider: "培训中心".to_owned(),
            hours: 8,
            completed_on: date("2024-01-10"),
            passed: true,
        }],
        education: vec![EducationHours { year: 2025, hours: 24 }],
        photo: None,
        under_correction: rng.random_bool(0.05),
    }
}

fn number(type_code: &str, index: usize, holder: &Holder) -> String {
    let citizen = holder.identity.as_ref().filter(|document| document.kind == IdentityKind::CitizenId);
    match (type_code, citizen) {
        ("mem_special_ops", Some(document)) => format!("T{}", document.number),
        ("se_operator", Some(document)) => document.number.clone(),
        ("con_a", _) => format!("京建安A({})000{index:04}", 2015 + index % 8),
        ("con_c1", _) => format!("京建安C1({})000{index:04}", 2015 + index % 8),
        ("con_special_ops", _) => format!("晋A01{}00{index:04}", 2015 + index % 8),
        _ => format!("2101000000{index:06}"),
    }
}

/// A life from issue on: reviews, suspensions, renewals, corrections, and sometimes an end.
fn life(index: usize, rng: &mut ChaCha8Rng) -> Vec<Event> {
    let issued_on = date("2012-01-01") + Days::new(rng.random_range(0..5_200));
    let mut kinds = vec![(EventKind::Issued(terms(issued_on, rng)), issued_on)];
    let mut day = issued_on;
    for _ in 0..rng.random_range(0..5) {
        day = day + Days::new(rng.random_range(1..900));
        if day > date("2026-06-14") {
            break;
        }
        let kind = match rng.random_range(0..14) {
            0..4 => EventKind::Reviewed { next_due_on: Some(day + Days::new(rng.random_range(100..1200))) },
            4..6 => EventKind::Suspended,
            6..8 => EventKind::Resumed,
            8 => EventKind::Renewed(terms(day, rng)),
            9 => EventKind::Corrected(terms(issued_on, rng)),
            10 => EventKind::TransferredOut,
            11 => EventKind::TransferredIn,
            12 => *[EventKind::Revoked, EventKind::RevokedAsPenalty].choose(rng).unwrap(),
            _ => *[EventKind::Cancelled, EventKind::Replaced].choose(rng).unwrap(),
        };
        kinds.push((kind, day));
    }
    let event = |(place, (kind, effective_on)): (usize, (EventKind, Date))| Event {
        id: EventId::from_uuid(Uuid::from_u128((index as u128) << 16 | place as u128)),
        kind,
        effective_on,
        recorded_at: noon(effective_on),
        reason: None,
    };
    kinds.into_iter().enumerate().map(event).collect()
}

fn terms(issued_on: Date, rng: &mut ChaCha8Rng) -> Terms {
    let valid_from = issued_on + Days::new(rng.random_range(0..40));
    let years = rng.random_range(2..7);
    let last = valid_from.with_year(valid_from.year() + years).unwrap_or(valid_from + Days::new(1_000))
        - Days::new(1);
    let open_ended = rng.random_bool(0.1);
    Terms {
        issued_on,
        valid_from,
        valid_until: (!open_ended).then_some(last),
        review_due_on: rng.random_bool(0.5).then(|| valid_from + Days::new(rng.random_range(300..700))),
    }
}

fn noon(day: Date) -> Instant {
    day.and_hms_opt(4, 0, 0).unwrap().and_utc()
}

/// A certificate of the population whose holder bears the name, made for one test.
pub fn named(certificates: &[Certificate], name: &str) -> Certificate {
    let mut certificate = certificates[0].clone();
    certificate.id = CertificateId::from_uuid(Uuid::from_u128(0xABCD_0000_0000_7000_8000_0000_0000_0000));
    certificate.holder.id = HolderId::from_uuid(Uuid::from_u128(0xABCD));
    certificate.holder.name = name.to_owned();
    certificate
}

pub fn rules(certificate: &Certificate) -> domain::lifecycle::StatusRules {
    Catalogue::work_safety().status_rules(&certificate.type_code)
}
