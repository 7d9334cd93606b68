//! The French words. SMS texts keep to the GSM alphabet and to 160 characters.

use super::wording::{NoticeKind, Template};

pub(super) fn template(kind: NoticeKind) -> Option<Template> {
    Some(match kind {
        NoticeKind::BookingRequested => (
            "Nouvelle demande de réservation",
            "Un passager demande {seats} pour {from} → {to}, départ le {departure_at}. Répondez dans l'application.",
            "Teranga : un passager demande {seats}, {from} - {to}, {departure_at}. Répondez dans l'application.",
        ),
        NoticeKind::BookingApproved => (
            "Réservation acceptée : à payer",
            "Votre place pour {from} → {to}, départ le {departure_at}, est acceptée. Payez {amount} avant le \
             {hold_expires_at}, sinon elle sera libérée.",
            "Teranga : {from} - {to}, {departure_at}, accepté. Payez {amount} avant le {hold_expires_at}.",
        ),
        NoticeKind::BookingRejected => (
            "Réservation refusée",
            "Le conducteur n'a pas accepté votre demande pour {from} → {to}, départ le {departure_at}. Rien ne \
             vous est demandé.",
            "Teranga : demande refusée pour {from} - {to}, {departure_at}. Rien à payer.",
        ),
        NoticeKind::BookingConfirmed => (
            "Réservation confirmée",
            "Vous avez payé {amount} : {seats} pour {from} → {to}, départ le {departure_at}. Réservation {code}. \
             Montrez le code {access_code} au conducteur.",
            "Teranga : {amount} payé. {from} - {to}, {departure_at}. Code à montrer : {access_code}",
        ),
        NoticeKind::BookingConfirmedDriver => (
            "Un passager a payé",
            "Un passager a payé {seats} pour {from} → {to}, départ le {departure_at}. Demandez-lui son code à la \
             montée.",
            "Teranga : un passager a payé {seats}, {from} - {to}, {departure_at}.",
        ),
        NoticeKind::BookingCancelled => (
            "Réservation annulée",
            "La réservation {code} pour {from} → {to}, départ le {departure_at}, est annulée.",
            "Teranga : réservation {code} annulée ({from} - {to}, {departure_at}).",
        ),
        NoticeKind::BookingExpired => (
            "Réservation expirée",
            "Le délai est passé pour {from} → {to}, départ le {departure_at} : les places sont libérées. \
             Réservez de nouveau si vous voulez partir.",
            "Teranga : délai passé pour {from} - {to}, {departure_at}. Places libérées.",
        ),
        NoticeKind::PaymentFailed => (
            "Paiement non abouti",
            "Le paiement de {amount} pour {from} → {to}, départ le {departure_at}, n'a pas abouti. Vous pouvez \
             réessayer tant que vos places sont gardées.",
            "Teranga : le paiement de {amount} pour {from} - {to}, {departure_at}, n'a pas abouti.",
        ),
        NoticeKind::MoneyReturned => (
            "Votre argent vous est rendu",
            "Votre paiement de {amount} pour {from} → {to}, départ le {departure_at}, est arrivé trop tard ou en \
             double : il ne vous donne pas de place. La somme entière vous est rendue dès maintenant ; vous n'avez rien \
             à faire.",
            "Teranga : {amount} arrivé trop tard ou en double pour {from} - {to} : pas de place, somme rendue.",
        ),
        NoticeKind::MoneyLateRevived => (
            "Paiement reçu, réservation rétablie",
            "Votre paiement de {amount} est arrivé après le délai, mais les places étaient encore libres : {from} → \
             {to}, départ le {departure_at}, est confirmé. Réservation {code}. Montrez le code {access_code} au \
             conducteur.",
            "Teranga : {amount} arrivé tard, mais confirmé. {from} - {to}, {departure_at}. Code : {access_code}",
        ),
        NoticeKind::RefundSent => (
            "Remboursement envoyé",
            "Votre remboursement de {amount} est parti vers le compte qui a payé.",
            "Teranga : remboursement de {amount} envoyé vers le compte qui a payé.",
        ),
        NoticeKind::Reminder => (
            "Départ dans {minutes_before}",
            "Rappel : {from} → {to}, départ le {departure_at}, dans {minutes_before}. Bonne route !",
            "Teranga : rappel, {from} - {to}, départ le {departure_at} (dans {minutes_before}).",
        ),
        NoticeKind::PayoutSent => (
            "Vos gains sont versés",
            "Nous avons versé {amount} sur votre compte Wave.",
            "Teranga : {amount} versé sur votre compte Wave.",
        ),
        NoticeKind::PayoutFailed => (
            "Versement non abouti",
            "Le versement de {amount} n'a pas abouti. La somme reste à vous : vérifiez votre numéro de versement dans \
             l'application.",
            "Teranga : versement de {amount} non abouti. La somme reste à vous. Vérifiez votre numéro.",
        ),
        NoticeKind::KycApproved => (
            "Document accepté",
            "Votre document ({doc_type}) est accepté.",
            "Teranga : votre document ({doc_type}) est accepté.",
        ),
        NoticeKind::KycRejected => (
            "Document refusé",
            "Votre document ({doc_type}) est refusé : {notes}. Vous pouvez en envoyer un autre.",
            "Teranga : votre document ({doc_type}) est refusé. Le motif est dans l'application.",
        ),
        NoticeKind::TripCancelled => (
            "Trajet annulé",
            "Le conducteur a annulé {from} → {to}, départ le {departure_at}. Ce que vous avez payé vous est rendu.",
            "Teranga : trajet annulé, {from} - {to}, {departure_at}. Ce que vous avez payé est rendu.",
        ),
        _ => return None,
    })
}
