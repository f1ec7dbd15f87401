use crate::http::{
    caller::Caller,
    json::Json,
    problem::{Problem, ProblemBody},
};
use app::accounts::own_devices;
use domain::Instant;
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Serialize, ToSchema)]
pub struct DevicesOut {
    /// Oldest first. `DELETE /me/factors/{id}` forgets one.
    items: Vec<DeviceOut>,
}

#[derive(Serialize, ToSchema)]
pub struct DeviceOut {
    id: String,
    /// As the program that signed in named itself.
    label: String,
    #[schema(value_type = String, format = DateTime)]
    remembered_at: Instant,
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Instant>,
}

/// Devices that are remembered: guesses made elsewhere do not lock them out.
#[utoipa::path(get, path = "/api/v1/me/devices", tag = "me",
    responses((status = 200, body = DevicesOut), (status = 401, body = ProblemBody)))]
pub async fn devices(caller: Caller) -> Result<Json<DevicesOut>, Problem> {
    let devices = caller.release(own_devices(&caller.app, &caller.call).await)?;
    let items = devices.into_iter().map(|device| DeviceOut {
        id: device.id.to_string(),
        label: device.label,
        remembered_at: device.remembered_at,
        expires_at: device.expires_at,
    });
    Ok(Json(DevicesOut { items: items.collect() }))
}
