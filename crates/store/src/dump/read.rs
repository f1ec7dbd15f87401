use super::{
    cells,
    tables::{Table, tables},
};
use crate::{
    error::{Error, Result},
    rows::change,
    store::Store,
};
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, EntityTrait, QueryOrder, QuerySelect, Value,
    sea_query::{Alias, Expr, ExprTrait, Order, Query, SelectStatement},
};

/// Rows fetched at once; bounds the memory.
const PAGE: u64 = 1_000;

/// The rows of one moment, whatever is committed meanwhile.
pub struct Dump {
    pub(super) snapshot: DatabaseTransaction,
}

/// One row, and the part of it that tells it from the others of its table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DumpedRow {
    pub key: Vec<u8>,
    pub record: Vec<u8>,
}

impl Store {
    /// Begins to read everything as of now. On SQLite the write-ahead log cannot be emptied until
    /// this is dropped.
    pub async fn dump(&self) -> Result<Dump> {
        let dump = Dump { snapshot: self.snapshot().await? };
        // The moment is that of the first read.
        dump.feed_head().await?;
        Ok(dump)
    }

    /// How many rows a table has.
    pub async fn count_rows(&self, table: &Table) -> Result<u64> {
        let count = Query::select()
            .expr_as(Expr::val(1).count(), Alias::new("rows_there"))
            .from(Alias::new(&table.name))
            .to_owned();
        let row = self.reads.query_one(&count).await?.ok_or_else(|| Error::other("no answer to a count"))?;
        Ok(row.try_get::<i64>("", "rows_there")? as u64)
    }
}

impl Dump {
    /// The number of the newest entry in the change feed.
    pub async fn feed_head(&self) -> Result<u64> {
        let newest =
            change::Entity::find().order_by_desc(change::Column::Seq).limit(1).one(&self.snapshot).await?;
        Ok(newest.map_or(0, |row| row.seq as u64))
    }

    pub fn tables(&self) -> Result<Vec<Table>> {
        tables()
    }

    /// All rows in the order of the key.
    pub fn rows<'a>(&'a self, table: &'a Table) -> Rows<'a> {
        Rows { dump: self, table, last: None, ended: false }
    }

    /// The rows of a numbered table from this number on.
    pub fn rows_from<'a>(&'a self, table: &'a Table, number: i64) -> Rows<'a> {
        Rows { dump: self, table, last: Some(vec![(number - 1).into()]), ended: false }
    }
}

/// Where reading a table stands.
pub struct Rows<'a> {
    dump: &'a Dump,
    table: &'a Table,
    /// Key of the last row read.
    last: Option<Vec<Value>>,
    ended: bool,
}

impl Rows<'_> {
    /// The next rows; none at the end.
    pub async fn next(&mut self) -> Result<Vec<DumpedRow>> {
        if self.ended {
            return Ok(Vec::new());
        }
        let found = self.dump.snapshot.query_all(&self.statement()).await?;
        self.ended = (found.len() as u64) < PAGE;
        let mut rows = Vec::with_capacity(found.len());
        for row in &found {
            let mut record = Vec::new();
            let mut key = vec![Value::Bool(None); self.table.key.len()];
            for (index, column) in self.table.columns.iter().enumerate() {
                let value = cells::read(row, index, column.kind)?;
                cells::encode(&value, &mut record)?;
                if let Some(at) = self.table.key.iter().position(|name| *name == column.name) {
                    key[at] = value;
                }
            }
            let mut key_bytes = Vec::new();
            key.iter().try_for_each(|value| cells::encode(value, &mut key_bytes))?;
            rows.push(DumpedRow { key: key_bytes, record });
            self.last = Some(key);
        }
        Ok(rows)
    }

    fn statement(&self) -> SelectStatement {
        let mut select = Query::select();
        select.columns(self.table.columns.iter().map(|column| Alias::new(&column.name)));
        select.from(Alias::new(&self.table.name)).limit(PAGE);
        for column in &self.table.key {
            select.order_by(Alias::new(column), Order::Asc);
        }
        if let Some(last) = &self.last {
            select.and_where(behind(&self.table.key, last));
        }
        select
    }
}

/// Behind this key, said so that every dialect finds the place by its index: the first column
/// bounds the range, the others only sort out what begins with the same.
fn behind(columns: &[String], last: &[Value]) -> Expr {
    let (Some((column, columns)), Some((value, last))) = (columns.split_first(), last.split_first()) else {
        return Expr::val(false);
    };
    let at = || Expr::col(Alias::new(column));
    if columns.is_empty() {
        return at().gt(value.clone());
    }
    at().gte(value.clone()).and(at().gt(value.clone()).or(behind(columns, last)))
}
