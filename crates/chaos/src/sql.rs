//! The truth, asked behind the registry's back.

use anyhow::{Context, Result};
use sea_orm::{ConnectionTrait, Database, Statement};
use tokio::runtime::Runtime;

pub struct Sql {
    runtime: Runtime,
    url: String,
}

impl Sql {
    pub fn new(url: String) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        Ok(Self { runtime, url })
    }

    /// The one number that a query finds; an empty sum is 0.
    pub fn number(&self, query: &str) -> Result<i64> {
        let numbers = self.numbers(&[query])?;
        numbers.first().copied().context("a query has an answer")
    }

    /// As [`Self::number`], over one connection.
    pub fn numbers(&self, queries: &[&str]) -> Result<Vec<i64>> {
        self.runtime.block_on(async {
            let db = Database::connect(&self.url).await.context("the database cannot be asked")?;
            let mut numbers = Vec::new();
            for query in queries {
                let query = format!("SELECT CAST(({query}) AS BIGINT) AS line");
                let statement = Statement::from_string(db.get_database_backend(), query.clone());
                let row = db.query_one_raw(statement).await.with_context(|| query.clone())?;
                let row = row.with_context(|| query.clone())?;
                numbers.push(row.try_get::<Option<i64>>("", "line").with_context(|| query)?.unwrap_or(0));
            }
            db.close().await?;
            Ok(numbers)
        })
    }

    /// Runs a statement; the number of rows touched.
    pub fn execute(&self, statement: &str) -> Result<u64> {
        Ok(self.runtime.block_on(testkit::raw(&self.url, statement))?)
    }
}
