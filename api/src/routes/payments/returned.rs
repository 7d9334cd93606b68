//! `GET /payments/return`: where a payer's browser lands when the client named no place of its own (J11).

use axum::response::Html;

const PAGE: &str = "<!doctype html>\n<html lang=\"fr\">\n<meta charset=\"utf-8\">\n\
    <meta name=\"viewport\" content=\"width=device-width\">\n<title>Paiement</title>\n\
    <p>Votre paiement est en cours de vérification. Vous pouvez fermer cette page.</p>\n\
    <p lang=\"en\">Your payment is being checked. You may close this page.</p>\n</html>\n";

/// Back from the provider
///
/// A page for the payer's browser. It proves nothing and changes nothing.
#[utoipa::path(get, path = "/payments/return", tag = "money", security(()),
    responses((status = 200, description = "A page for people", content_type = "text/html")))]
pub async fn returned() -> Html<&'static str> {
    Html(PAGE)
}
