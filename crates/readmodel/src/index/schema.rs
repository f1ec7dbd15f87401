use crate::facts::Facts;
use tantivy::{
    TantivyDocument,
    schema::{BytesOptions, Field, NumericOptions, Schema, TextOptions},
    tokenizer::RAW_TOKENIZER_NAME,
};

pub const VALID_UNTIL: &str = "valid_until";
pub const ISSUED_ON: &str = "issued_on";
pub const REVIEW_DUE_ON: &str = "review_due_on";
pub const TIMELINE: &str = "timeline";
pub const ID_HIGH: &str = "id_high";
pub const ID_LOW: &str = "id_low";
pub const VERSION: &str = "version";
pub const TYPE: &str = "type";
pub const REGION: &str = "region";

#[derive(Debug, Clone, Copy)]
pub struct Fields {
    /// Postings: all keyed tokens of all kinds.
    pub tokens: Field,
    /// Postings: the identifier, to find a document that is out of date.
    pub id: Field,
    id_high: Field,
    id_low: Field,
    version: Field,
    valid_until: Field,
    issued_on: Field,
    review_due_on: Field,
    timeline: Field,
    type_code: Field,
    region: Field,
}

pub fn build() -> (Schema, Fields) {
    let mut schema = Schema::builder();
    let column = || NumericOptions::default().set_fast();
    // Types and regions are public and stay readable.
    let word = || TextOptions::default().set_fast(RAW_TOKENIZER_NAME);
    let fields = Fields {
        tokens: schema.add_u64_field("tokens", NumericOptions::default().set_indexed()),
        id: schema.add_bytes_field("id", BytesOptions::default().set_indexed()),
        id_high: schema.add_u64_field(ID_HIGH, column()),
        id_low: schema.add_u64_field(ID_LOW, column()),
        version: schema.add_u64_field(VERSION, column()),
        valid_until: schema.add_i64_field(VALID_UNTIL, column()),
        issued_on: schema.add_i64_field(ISSUED_ON, column()),
        review_due_on: schema.add_i64_field(REVIEW_DUE_ON, column()),
        timeline: schema.add_u64_field(TIMELINE, column()),
        type_code: schema.add_text_field(TYPE, word()),
        region: schema.add_text_field(REGION, word()),
    };
    (schema.build(), fields)
}

impl Fields {
    pub fn document(&self, facts: &Facts) -> TantivyDocument {
        let mut document = TantivyDocument::new();
        let (high, low) = facts.id.uuid().as_u64_pair();
        document.add_bytes(self.id, facts.id.uuid().as_bytes());
        document.add_u64(self.id_high, high);
        document.add_u64(self.id_low, low);
        document.add_u64(self.version, facts.version);
        document.add_i64(self.valid_until, i64::from(facts.valid_until));
        document.add_i64(self.issued_on, i64::from(facts.issued_on));
        document.add_i64(self.review_due_on, i64::from(facts.review_due_on));
        document.add_text(self.type_code, &facts.type_code);
        document.add_text(self.region, &facts.region);
        for &token in &facts.tokens {
            document.add_u64(self.tokens, token);
        }
        for &stretch in &facts.timeline {
            document.add_u64(self.timeline, stretch);
        }
        document
    }
}
