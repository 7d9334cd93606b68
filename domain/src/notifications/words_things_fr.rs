//! The French words about things of the organization: places, rooms, loans, fines.

use super::wording::{NoticeKind, Template};

pub(super) fn reservation(kind: NoticeKind) -> Option<Template> {
    Some(match kind {
        NoticeKind::ReservationReceived => (
            "Demande reçue",
            "Votre demande {code} pour {what}, du {start_at} au {end_at}, est gardée en attendant l'accord d'un \
             responsable.",
            "Teranga : demande {code} pour {what}, {start_at} : en attente d'accord.",
        ),
        NoticeKind::ReservationToDecide => (
            "Une demande vous attend",
            "La demande {code} pour {what}, du {start_at} au {end_at}, attend votre accord.",
            "Teranga : la demande {code} pour {what}, {start_at}, attend votre accord.",
        ),
        NoticeKind::ReservationToPay => (
            "Réservation acceptée : à payer",
            "Votre réservation de {what}, le {start_at}, est acceptée. Payez {amount} avant le {hold_expires_at}, sinon \
             elle sera libérée.",
            "Teranga : {what}, {start_at}, accepté. Payez {amount} avant le {hold_expires_at}.",
        ),
        NoticeKind::ReservationConfirmed => (
            "Réservation confirmée",
            "C'est réservé : {what} ({units}), du {start_at} au {end_at}. Réservation {code}. Code à montrer : \
             {access_code}.",
            "Teranga : {what} ({units}), {start_at}, confirmé. Code : {access_code}",
        ),
        NoticeKind::ReservationRejected => (
            "Demande refusée",
            "Votre demande pour {what}, le {start_at}, n'a pas été acceptée.",
            "Teranga : demande refusée pour {what}, {start_at}.",
        ),
        NoticeKind::BookedForOther => (
            "Réservation confirmée",
            "La réservation {code} que vous avez faite pour quelqu'un, le {start_at}, est confirmée.",
            "Teranga : la réservation {code} faite pour quelqu'un, {start_at}, est confirmée.",
        ),
        NoticeKind::ReservationCancelled => (
            "Réservation annulée",
            "La réservation {code} de {what}, le {start_at}, est annulée.",
            "Teranga : réservation {code} annulée ({what}, {start_at}).",
        ),
        NoticeKind::ReservationExpired => (
            "Réservation expirée",
            "Le délai est passé pour {what}, le {start_at} : la réservation est libérée.",
            "Teranga : délai passé pour {what}, {start_at}. Réservation libérée.",
        ),
        NoticeKind::ReservationMoved => (
            "Réservation modifiée",
            "La réservation {code} de {what} ({units}) est maintenant du {start_at} au {end_at}.",
            "Teranga : réservation {code} modifiée : {what} ({units}), {start_at}.",
        ),
        NoticeKind::ReservationReleased => (
            "Réservation libérée",
            "Personne n'est venu pour {what}, le {start_at} : la réservation {code} est libérée.",
            "Teranga : personne pour {what}, {start_at}. Réservation {code} libérée.",
        ),
        NoticeKind::ReservationReminder => (
            "Dans {minutes_before}",
            "Rappel : {what} ({units}), le {start_at}, dans {minutes_before}.",
            "Teranga : rappel, {what} ({units}), {start_at} (dans {minutes_before}).",
        ),
        NoticeKind::ReservationPaymentFailed => (
            "Paiement non abouti",
            "Le paiement de {amount} pour {what}, le {start_at}, n'a pas abouti. Vous pouvez réessayer tant que la \
             réservation est gardée.",
            "Teranga : le paiement de {amount} pour {what}, {start_at}, n'a pas abouti.",
        ),
        NoticeKind::ReservationMoneyReturned => (
            "Votre argent vous est rendu",
            "Votre paiement de {amount} pour {what}, le {start_at}, est arrivé trop tard ou en double. La somme entière \
             vous est rendue dès maintenant ; vous n'avez rien à faire.",
            "Teranga : {amount} arrivé trop tard ou en double pour {what} : somme rendue.",
        ),
        NoticeKind::ReservationRestored => (
            "Paiement reçu, réservation rétablie",
            "Votre paiement de {amount} est arrivé après le délai, mais c'était encore libre : {what}, le {start_at}, est \
             confirmé. Réservation {code}. Code à montrer : {access_code}.",
            "Teranga : {amount} arrivé tard, mais confirmé. {what}, {start_at}. Code : {access_code}",
        ),
        _ => return None,
    })
}

pub(super) fn loan(kind: NoticeKind) -> Option<Template> {
    Some(match kind {
        NoticeKind::LoanHandedOver => (
            "Matériel remis",
            "Vous avez reçu {what} ({units}). À rendre avant le {due_at}. Réservation {code}.",
            "Teranga : {what} ({units}) remis. A rendre avant le {due_at}.",
        ),
        NoticeKind::LoanReturned => (
            "Matériel rendu",
            "{what} est rendu. Merci. Réservation {code}.",
            "Teranga : {what} rendu. Merci. Réservation {code}.",
        ),
        NoticeKind::LoanOverdue => (
            "Retour en retard",
            "{what} ({units}) devait être rendu le {due_at}. Rendez-le au plus vite : le retard a des suites. \
             Réservation {code}.",
            "Teranga : {what} ({units}) devait revenir le {due_at}. Rendez-le vite.",
        ),
        NoticeKind::UnitReplaced => (
            "Un autre exemplaire vous attend",
            "Celui que vous deviez avoir n'est pas revenu. Pour le {start_at}, {what} ({units}) vous attend à la place. \
             Réservation {code}.",
            "Teranga : {what} ({units}) vous attend le {start_at} à la place de celui qui n'est pas revenu.",
        ),
        NoticeKind::UnitNotBack => (
            "Pas encore revenu",
            "{what} ({units}), réservé pour le {start_at}, n'est pas encore revenu, et il n'y en a pas d'autre de libre. \
             Nous cherchons jusqu'au début ; prévoyez autre chose. Réservation {code}.",
            "Teranga : {what} ({units}), {start_at}, pas encore revenu. Prévoyez autre chose.",
        ),
        NoticeKind::FineDue => (
            "Amende à payer",
            "Vous devez {amount} pour {what}, réservation {code}. Payez dans l'application.",
            "Teranga : amende de {amount} pour {what}, réservation {code}.",
        ),
        NoticeKind::FinePaid => {
            ("Amende payée", "Votre amende de {amount} est payée.", "Teranga : votre amende de {amount} est payée.")
        }
        NoticeKind::WalletCredited => (
            "Portefeuille crédité",
            "{amount} sont maintenant dans votre portefeuille.",
            "Teranga : {amount} sont dans votre portefeuille.",
        ),
        NoticeKind::WithdrawalSent => (
            "Retrait effectué",
            "Nous avons envoyé {amount} de votre portefeuille à votre numéro.",
            "Teranga : {amount} envoyés à votre numéro.",
        ),
        NoticeKind::WithdrawalFailed => (
            "Retrait non abouti",
            "Le retrait de {amount} n'a pas abouti. L'argent est de nouveau dans votre portefeuille : vérifiez votre numéro.",
            "Teranga : le retrait de {amount} n'a pas abouti. L'argent est dans votre portefeuille.",
        ),
        NoticeKind::FineWaived => (
            "Amende annulée",
            "Votre amende de {amount} est annulée : vous ne devez rien.",
            "Teranga : votre amende de {amount} est annulée.",
        ),
        NoticeKind::FinePaymentFailed => (
            "Paiement non abouti",
            "Le paiement de votre amende de {amount} n'a pas abouti. Vous pouvez réessayer.",
            "Teranga : le paiement de votre amende de {amount} n'a pas abouti.",
        ),
        NoticeKind::FineMoneyReturned => (
            "Votre argent vous est rendu",
            "Votre paiement de {amount} est arrivé alors que l'amende n'était plus due. La somme entière vous est rendue.",
            "Teranga : {amount} pour une amende qui n'est plus due : somme rendue.",
        ),
        _ => return None,
    })
}
