//! The catalogue as data: what codes mean. Public, and the same for everybody.

use super::{body::Params, caller::Caller, problem::Problem};
use crate::http::json::Json;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

#[derive(Serialize, ToSchema)]
pub struct TypeOut {
    code: String,
    category: String,
    names: NamesOut,
    validity_years: Option<u16>,
    review_every_years: Option<u16>,
    item_scheme: Option<String>,
    /// An administrative licence, as opposed to a proof of training.
    administrative_licence: bool,
    official_lookup: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct NamesOut {
    zh: String,
    en: String,
    ja: String,
}

/// Certificate types.
#[utoipa::path(get, path = "/api/v1/catalogue/types", tag = "catalogue", security(()), responses((status = 200, body = Vec<TypeOut>)))]
pub async fn types(caller: Caller) -> Result<Json<Vec<TypeOut>>, Problem> {
    let catalogue = read(&caller, "catalogue.types").await?;
    let types = catalogue.types().iter().map(|kind| TypeOut {
        code: kind.code.clone(),
        category: kind.category.clone(),
        names: NamesOut { zh: kind.names.zh.clone(), en: kind.names.en.clone(), ja: kind.names.ja.clone() },
        validity_years: kind.validity_years,
        review_every_years: kind.review_every_years,
        item_scheme: kind.item_scheme.clone(),
        administrative_licence: kind.administrative_licence,
        official_lookup: kind.official_lookup.clone(),
    });
    Ok(Json(types.collect()))
}

#[derive(Serialize, ToSchema)]
pub struct ItemOut {
    code: String,
    /// Name of the group of items.
    group: String,
    name_zh: String,
    name_en: String,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SchemeParams {
    /// `mem`, `construction`, `equipment`.
    scheme: String,
}

/// Items of a scheme, such as the special operations.
#[utoipa::path(get, path = "/api/v1/catalogue/items", tag = "catalogue", security(()), params(SchemeParams),
    responses((status = 200, body = Vec<ItemOut>)))]
pub async fn items(Params(caller, params): Params<SchemeParams>) -> Result<Json<Vec<ItemOut>>, Problem> {
    let catalogue = read(&caller, "catalogue.items").await?;
    let items = catalogue.items(&params.scheme).map(|item| ItemOut {
        code: item.code.clone(),
        group: item.group_names.zh.clone(),
        name_zh: item.names.zh.clone(),
        name_en: item.names.en.clone(),
    });
    Ok(Json(items.collect()))
}

#[derive(Serialize, ToSchema)]
pub struct RegionOut {
    code: String,
    name: String,
    full_name: String,
}

#[derive(Deserialize, Default, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct RegionParams {
    /// The region whose parts are wanted; provinces unless given.
    parent: Option<String>,
}

/// Regions, one level at a time.
#[utoipa::path(get, path = "/api/v1/catalogue/regions", tag = "catalogue", security(()), params(RegionParams),
    responses((status = 200, body = Vec<RegionOut>)))]
pub async fn regions(Params(caller, params): Params<RegionParams>) -> Result<Json<Vec<RegionOut>>, Problem> {
    let catalogue = read(&caller, "catalogue.regions").await?;
    let regions = catalogue.regions().all().filter(|region| region.parent == params.parent);
    let out = regions.map(|region| RegionOut {
        code: region.code.clone(),
        name: region.name.clone(),
        full_name: region.full_name.clone(),
    });
    Ok(Json(out.collect()))
}

#[derive(Serialize, ToSchema)]
pub struct IndustryOut {
    code: String,
    name: String,
}

/// Industries.
#[utoipa::path(get, path = "/api/v1/catalogue/industries", tag = "catalogue", security(()),
    responses((status = 200, body = Vec<IndustryOut>)))]
pub async fn industries(caller: Caller) -> Result<Json<Vec<IndustryOut>>, Problem> {
    let catalogue = read(&caller, "catalogue.industries").await?;
    let industries = catalogue
        .industries()
        .iter()
        .map(|industry| IndustryOut { code: industry.code.clone(), name: industry.name.clone() });
    Ok(Json(industries.collect()))
}

async fn read(
    caller: &Caller,
    action: &'static str,
) -> Result<std::sync::Arc<domain::catalogue::Catalogue>, Problem> {
    let entry = app::audit::Entry::new(action);
    let catalogue = caller.app.catalogue.clone();
    caller.release(caller.app.audit.record(&caller.call, entry, Ok(catalogue)).await)
}
