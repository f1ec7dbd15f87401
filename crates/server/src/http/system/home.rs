use axum::response::Html;

/// There is no web page yet, and this says so.
pub async fn home() -> Html<&'static str> {
    Html(include_str!("home.html"))
}
