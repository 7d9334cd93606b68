//! The words of statements and reports, in the two languages organizations speak.

/// `(code, French, English)`: headings, facts, sums.
const WORDS: &[(&str, &str, &str)] = &[
    ("wallet", "Relevé de compte", "Account statement"),
    ("payout", "Relevé de versement", "Payout statement"),
    ("ledger", "Extrait du grand livre", "Ledger extract"),
    ("finance", "Rapport financier", "Finance report"),
    ("holder", "Titulaire", "Holder"),
    ("reference", "Référence", "Reference"),
    ("asked", "Établi le", "Made on"),
    ("status", "État", "Status"),
    ("period", "Période", "Period"),
    ("beginning", "début", "beginning"),
    ("issued", "Édité le", "Issued on"),
    ("opening_balance", "Solde au début", "Opening balance"),
    ("came_in", "Entrées", "Came in"),
    ("went_out", "Sorties", "Went out"),
    ("closing_balance", "Solde à la fin", "Closing balance"),
    ("paid_out", "Montant versé", "Paid out"),
    ("total_debit", "Total des débits", "Total debit"),
    ("total_credit", "Total des crédits", "Total credit"),
];

/// The same for columns.
const COLUMNS: &[(&str, &str, &str)] = &[
    ("occurred_at", "Date", "Date"),
    ("earned_at", "Date", "Date"),
    ("account", "Compte", "Account"),
    ("owner", "Titulaire", "Holder"),
    ("what", "Opération", "What happened"),
    ("amount", "Montant", "Amount"),
    ("debit", "Débit", "Debit"),
    ("credit", "Crédit", "Credit"),
    ("booking", "Réservation", "Booking"),
    ("from", "Départ", "From"),
    ("to", "Arrivée", "To"),
    ("fare", "Prix payé", "Fare"),
    ("commission", "Commission", "Commission"),
    ("earned", "Gain", "Earned"),
    ("organization", "Organisation", "Organization"),
    ("period", "Période", "Period"),
    ("provider", "Prestataire", "Provider"),
    ("entries", "Écritures", "Entries"),
    ("opening", "Au début", "Opening"),
    ("closing", "À la fin", "Closing"),
];

/// Codes of the books in French; in English a code reads as it is.
const CODES: &[(&str, &str)] = &[
    ("provider", "Chez le prestataire"),
    ("wallet", "Portefeuille"),
    ("earnings", "Gains"),
    ("escrow", "Séquestre"),
    ("commission", "Commission"),
    ("sales", "Ventes"),
    ("fees", "Frais et amendes"),
    ("penalties", "Pénalités"),
    ("promo", "Promotions"),
    ("provider_fees", "Frais des prestataires"),
    ("chargebacks", "Paiements repris"),
    ("refund_transit", "Remboursements en cours"),
    ("payout_transit", "Versements en cours"),
    ("suspense", "À attribuer"),
    ("tickets_issued", "Tickets émis"),
    ("booking_paid", "Réservation payée"),
    ("booking_completed", "Réservation terminée"),
    ("booking_no_show", "Absence"),
    ("cancellation_fee", "Frais d’annulation"),
    ("chargeback_opened", "Paiement contesté"),
    ("chargeback_won", "Contestation gagnée"),
    ("chargeback_lost", "Contestation perdue"),
    ("driver_penalty", "Pénalité"),
    ("fine_paid", "Amende payée"),
    ("money_explained", "Somme attribuée"),
    ("unexplained_money", "Somme à attribuer"),
    ("stray_money", "Somme à attribuer"),
    ("payout_scheduled", "Versement"),
    ("payout_confirmed", "Versement confirmé"),
    ("payout_failed", "Versement échoué"),
    ("payout_reversed", "Versement repris"),
    ("provider_fee", "Frais du prestataire"),
    ("reconciled", "Rapprochement"),
    ("refund_started", "Remboursement"),
    ("refund_confirmed", "Remboursement confirmé"),
    ("refund_failed", "Remboursement échoué"),
    ("refund_reversed", "Remboursement repris"),
    ("refund_sent_by_hand", "Remboursement à la main"),
    ("wallet_topped_up", "Portefeuille rechargé"),
    ("succeeded", "Payé"),
    ("failed", "Échoué"),
    ("scheduled", "Prévu"),
    ("processing", "En cours"),
    ("manual", "À faire à la main"),
];

fn find(among: &'static [(&str, &str, &str)], french: bool, code: &str) -> &'static str {
    let found = among.iter().find(|(known, ..)| *known == code);
    found.map_or("", |(_, in_french, in_english)| if french { in_french } else { in_english })
}

/// A word of a heading, a fact or a sum.
pub(super) fn word(french: bool, code: &str) -> &'static str {
    find(WORDS, french, code)
}

/// The title of a column; none for those only programs read.
pub(super) fn titled(french: bool, key: &str) -> &'static str {
    find(COLUMNS, french, key)
}

/// A code of the books as people say it: `booking_completed` is “Booking completed”.
pub(super) fn said(french: bool, code: &str) -> String {
    let known = CODES.iter().find(|(known, _)| french && *known == code);
    known.map_or_else(|| spelled(code), |(_, words)| (*words).to_owned())
}

fn spelled(code: &str) -> String {
    let words = code.replace('_', " ");
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_nobody_translated_is_still_readable() {
        assert_eq!(said(true, "booking_completed"), "Réservation terminée");
        assert_eq!(said(true, "of_tomorrow"), "Of tomorrow");
        assert_eq!(said(false, "booking_completed"), "Booking completed");
    }
}
