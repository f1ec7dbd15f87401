//! One row as bytes: for each column a 0, or a 1 and the value. Integers are little-endian, days
//! count from the Common Era, texts and bytes have their length (4) before them.

use super::tables::{Column, ColumnKind, Table};
use crate::error::{Error, Result};
use chrono::{Datelike, NaiveDate};
use sea_orm::{QueryResult, TryGetable, Value};
use uuid::Uuid;

/// The value of one column, as any dialect returns it.
pub(super) fn read(row: &QueryResult, index: usize, kind: ColumnKind) -> Result<Value> {
    fn get<T: TryGetable>(row: &QueryResult, index: usize) -> Result<Option<T>> {
        Ok(row.try_get_by_index(index)?)
    }
    Ok(match kind {
        ColumnKind::Boolean => get::<bool>(row, index)?.into(),
        ColumnKind::Integer => get::<i32>(row, index)?.into(),
        ColumnKind::BigInteger => get::<i64>(row, index)?.into(),
        ColumnKind::Text => get::<String>(row, index)?.into(),
        ColumnKind::Bytes => get::<Vec<u8>>(row, index)?.into(),
        ColumnKind::Uuid => get::<Uuid>(row, index)?.into(),
        ColumnKind::Date => get::<NaiveDate>(row, index)?.into(),
    })
}

pub(super) fn encode(value: &Value, out: &mut Vec<u8>) -> Result<()> {
    match value {
        Value::Bool(Some(value)) => out.extend([1, u8::from(*value)]),
        Value::Int(Some(value)) => put(out, &value.to_le_bytes()),
        Value::BigInt(Some(value)) => put(out, &value.to_le_bytes()),
        Value::String(Some(value)) => put_long(out, value.as_bytes()),
        Value::Bytes(Some(value)) => put_long(out, value),
        Value::Uuid(Some(value)) => put(out, value.as_bytes()),
        Value::ChronoDate(Some(value)) => put(out, &value.num_days_from_ce().to_le_bytes()),
        Value::Bool(None)
        | Value::Int(None)
        | Value::BigInt(None)
        | Value::String(None)
        | Value::Bytes(None)
        | Value::Uuid(None)
        | Value::ChronoDate(None) => out.push(0),
        _ => return Err(Error::other("a value of this type cannot be dumped")),
    }
    Ok(())
}

fn put(out: &mut Vec<u8>, bytes: &[u8]) {
    out.push(1);
    out.extend_from_slice(bytes);
}

fn put_long(out: &mut Vec<u8>, bytes: &[u8]) {
    let length = u32::try_from(bytes.len()).expect("a value is far shorter than 4 GiB");
    put(out, &length.to_le_bytes());
    out.extend_from_slice(bytes);
}

/// The values of a row, to be bound to a statement; `None` where the bytes are no row of the table.
pub(super) fn decode(table: &Table, mut record: &[u8]) -> Option<Vec<Value>> {
    let rest = &mut record;
    let values = table.columns.iter().map(|column| value(column, rest)).collect::<Option<_>>()?;
    record.is_empty().then_some(values)
}

fn value(column: &Column, rest: &mut &[u8]) -> Option<Value> {
    let present = match take::<1>(rest)? {
        [0] => false,
        [1] => true,
        _ => return None,
    };
    Some(match column.kind {
        ColumnKind::Boolean => some(present, || Some(take::<1>(rest)? == [1]))?.into(),
        ColumnKind::Integer => some(present, || Some(i32::from_le_bytes(take(rest)?)))?.into(),
        ColumnKind::BigInteger => some(present, || Some(i64::from_le_bytes(take(rest)?)))?.into(),
        ColumnKind::Text => some(present, || String::from_utf8(long(rest)?.to_vec()).ok())?.into(),
        ColumnKind::Bytes => some(present, || Some(long(rest)?.to_vec()))?.into(),
        ColumnKind::Uuid => some(present, || Some(Uuid::from_bytes(take(rest)?)))?.into(),
        ColumnKind::Date => {
            some(present, || NaiveDate::from_num_days_from_ce_opt(i32::from_le_bytes(take(rest)?)))?.into()
        }
    })
}

/// `Some(None)` is a NULL, `None` a value that cannot be read.
fn some<T>(present: bool, value: impl FnOnce() -> Option<T>) -> Option<Option<T>> {
    if present { value().map(Some) } else { Some(None) }
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (head, tail) = rest.split_first_chunk::<N>()?;
    *rest = tail;
    Some(*head)
}

fn long<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = u32::from_le_bytes(take(rest)?) as usize;
    let (head, tail) = rest.split_at_checked(length)?;
    *rest = tail;
    Some(head)
}
