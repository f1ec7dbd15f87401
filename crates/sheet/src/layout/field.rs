use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

macro_rules! fields {
    ($($(#[$doc:meta])* $variant:ident = $code:literal: [$($word:literal),* $(,)?],)*) => {
        /// What a column of a roster can mean.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Field {
            $($(#[$doc])* $variant,)*
        }

        impl Field {
            pub const ALL: &[Field] = &[$(Field::$variant,)*];

            /// The stable machine code.
            pub const fn code(self) -> &'static str {
                match self { $(Field::$variant => $code,)* }
            }

            /// Headers that mean it, the most telling first; written as [`label_key`] makes them.
            const fn words(self) -> &'static [&'static str] {
                match self { $(Field::$variant => &[$($word,)*],)* }
            }
        }
    };
}

fields! {
    Name = "name": [
        "姓名", "持证人姓名", "持证人员姓名", "人员姓名", "员工姓名", "学员姓名", "持证人", "持有人", "持证人员", "作业人员", "name",
        "fullname", "holder", "holdername", "氏名", "名前", "保有者",
    ],
    Sex = "sex": ["性别", "sex", "gender", "性別"],
    BirthDate = "birth_date": ["出生日期", "出生年月", "出生年月日", "生日", "dateofbirth", "birthdate", "生年月日"],
    Identity = "identity": [
        "身份证号", "身份证号码", "公民身份号码", "公民身份证号码", "居民身份证号", "居民身份证号码", "证件号", "证件号码", "身份证件号码",
        "身份证件号", "有效证件号码", "持证人身份证号", "身份证", "idnumber", "idno", "identitynumber", "身分証番号", "身分証明書番号",
    ],
    IdentityKind = "identity_kind": ["证件类型", "身份证件类型", "证件种类", "idtype", "documenttype", "身分証種別"],
    Phone = "phone": [
        "联系电话", "手机号", "手机号码", "电话", "手机", "电话号码", "联系方式", "本人电话", "phone", "mobile", "telephone", "電話番号", "電話",
    ],
    Organisation = "organisation": [
        "单位名称", "工作单位", "企业名称", "所在单位", "用人单位", "所属单位", "公司名称", "聘用单位", "受聘单位", "单位", "企业", "公司",
        "organisation", "organization", "company", "employer", "companyname", "会社名", "所属", "勤務先",
    ],
    CreditCode = "credit_code": [
        "统一社会信用代码", "社会信用代码", "信用代码", "单位统一社会信用代码", "企业统一社会信用代码", "营业执照号", "组织机构代码", "uscc",
        "creditcode", "unifiedsocialcreditcode", "統一社会信用コード",
    ],
    Type = "type": [
        "证书类别", "证书类型", "证书种类", "证书名称", "证件名称", "持证类别", "持证类型", "资格证名称", "资格类型", "资格证书名称", "证书",
        "作业类别", "作业种类", "工种类别", "类别", "种类", "certificatetype", "type", "certificate", "資格名", "証書種類", "証書名", "資格",
    ],
    Item = "item": [
        "操作项目", "准操项目", "作业项目", "准驾项目", "项目", "项目代号", "工种", "操作类别", "从业项目", "持证项目", "专业", "专业类别",
        "作业工种", "岗位类别", "item", "trade", "speciality", "specialty", "operation", "作業項目", "作業区分", "項目",
    ],
    Number = "number": [
        "证书编号", "证书号", "证书号码", "证号", "操作证号", "操作证编号", "资格证号", "资格证书编号", "合格证编号", "合格证号", "证件编号",
        "管理号", "注册号", "编号", "证书编码", "certificatenumber", "certificateno", "certno", "number", "証書番号", "番号", "証番号",
    ],
    Issuer = "issuer": [
        "发证机关", "签发机关", "发证单位", "发证部门", "颁发机关", "颁证机关", "发证机构", "核发机关", "签发单位", "审批机关", "issuer",
        "issuedby", "issuingauthority", "発行機関", "発行者", "交付機関",
    ],
    Region = "region": [
        "地区", "所属地区", "行政区划", "行政区划代码", "区域", "所在地", "所在地区", "发证地区", "发证机关所在地", "region", "area", "地域",
    ],
    Industry = "industry": ["行业", "行业类型", "所属行业", "行业类别", "industry", "業種"],
    IssuedOn = "issued_on": [
        "发证日期", "签发日期", "发证时间", "领证日期", "初领日期", "初次领证日期", "初次发证日期", "颁发日期", "批准日期", "取证日期",
        "取证时间", "核发日期", "issuedon", "issuedate", "dateofissue", "発行日", "交付日", "交付年月日",
    ],
    ValidFrom = "valid_from": [
        "有效期开始日期", "有效期起", "有效期自", "有效期开始", "有效期起始日期", "有效起始日期", "有效期始", "开始日期", "起始日期",
        "生效日期", "有效期限起", "有效期起始", "有效期从", "validfrom", "startdate", "effectivedate", "有効期間開始", "有効開始日",
    ],
    ValidUntil = "valid_until": [
        "有效期至", "到期日期", "到期日", "有效期结束日期", "有效期止", "有效期截止日期", "截止日期", "有效日期", "失效日期", "到期时间",
        "有效期结束", "有效期到", "有效期限至", "有效截止日期", "有效期截止", "有效期终止日期", "终止日期", "结束日期", "validuntil",
        "expirydate", "expirationdate", "validto", "expires", "enddate", "有効期限", "満了日", "有効期限日",
    ],
    /// A range or a number of years in one cell; a single day is the last one.
    Validity = "validity": ["有效期", "有效期限", "证书有效期", "有效期间", "有效时间", "起止日期", "validity", "validityperiod", "有効期間"],
    ReviewDueOn = "review_due_on": [
        "应复审日期", "下次复审日期", "复审日期", "应复审时间", "下次复审", "复审时间", "复审到期日", "复审期限", "下次复审时间", "复审",
        "reviewdueon", "reviewdate", "nextreview", "再審査日", "次回審査日",
    ],
    Status = "status": ["证书状态", "状态", "证书状况", "status", "状態"],
    TrainingCourse = "training_course": ["培训课程", "培训内容", "培训项目", "培训名称", "course", "研修名"],
    TrainingProvider = "training_provider": ["培训机构", "培训单位", "trainingprovider", "研修機関"],
    TrainingHours = "training_hours": ["培训学时", "学时", "培训课时", "课时", "hours", "研修時間"],
    TrainedOn = "trained_on": ["培训日期", "培训时间", "培训结束日期", "trainedon", "研修日"],
    /// Pictures: of the holder, of the certificate. Any picture in a row belongs to it, wherever it stands.
    Picture = "picture": [
        "照片", "相片", "一寸照", "一寸照片", "证件照", "证书照片", "证书扫描件", "扫描件", "附件", "图片", "photo", "picture", "scan", "写真", "画像",
    ],
    /// A running number; tells nothing.
    Sequence = "sequence": ["序号", "序", "行号", "no", "no.", "連番"],
    Remark = "remark": ["备注", "说明", "remark", "remarks", "notes", "備考"],
    /// The column that files of rejected rows have.
    Reason = "reason": ["错误原因", "problem", "問題"],
}

impl Field {
    /// The field that a header means, and how telling the word is: 0 is best.
    pub(crate) fn by_label(label: &str) -> Option<(Field, usize)> {
        let keys = [label_key(label), label_key(without_brackets(label))];
        keys.iter().find_map(|key| {
            let found = |field: &Field| Some((*field, field.words().iter().position(|word| word == key)?));
            Field::ALL.iter().filter_map(found).min_by_key(|(_, rank)| *rank)
        })
    }
}

/// What spellings of one header have in common: no width, case, spaces, marks.
pub(crate) fn label_key(label: &str) -> String {
    let kept =
        label.nfkc().filter(|&c| !(crate::cell::is_invisible(c) || matches!(c, '*' | ':' | '_' | '-')));
    kept.flat_map(char::to_lowercase).collect()
}

fn without_brackets(label: &str) -> &str {
    label.find(['(', '（', '[', '【']).filter(|&at| at > 0).map_or(label, |at| &label[..at])
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    #[test]
    fn headers_are_known_in_all_their_spellings() {
        let table = [
            ("姓 名", Field::Name),
            ("身份证号", Field::Identity),
            ("证件号", Field::Identity),
            ("公民身份号码", Field::Identity),
            ("证号", Field::Number),
            ("编号", Field::Number),
            ("＊证书编号：", Field::Number),
            ("签发机关", Field::Issuer),
            ("发证单位", Field::Issuer),
            ("到期日", Field::ValidUntil),
            ("有效期至（年-月-日）", Field::ValidUntil),
            ("有效期", Field::Validity),
            ("下次复审", Field::ReviewDueOn),
            ("Valid until", Field::ValidUntil),
            ("ID_Number", Field::Identity),
            ("氏名", Field::Name),
        ];
        for (label, field) in table {
            assert_eq!(Field::by_label(label).map(|(field, _)| field), Some(field), "{label}");
        }
        assert_eq!(Field::by_label("张三"), None);
        assert_eq!(Field::by_label(""), None);
    }

    #[test]
    fn no_header_means_two_fields_and_every_word_can_match() {
        let mut meanings = HashMap::new();
        for &field in Field::ALL {
            for &word in field.words() {
                assert_eq!(label_key(word), word, "{word}");
                assert_eq!(meanings.insert(word, field), None, "{word}");
            }
        }
    }
}
