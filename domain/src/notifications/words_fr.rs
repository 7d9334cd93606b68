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
        NoticeKind::RefundFailed => (
            "Remboursement retardé",
            "Votre remboursement de {amount} nous est revenu. La somme reste à vous : nous l'enverrons autrement.",
            "Teranga : votre remboursement de {amount} nous est revenu. Nous l'enverrons autrement.",
        ),
        NoticeKind::Reminder => (
            "Départ dans {minutes_before}",
            "Rappel : {from} → {to}, départ le {departure_at}, dans {minutes_before}. Bonne route !",
            "Teranga : rappel, {from} - {to}, départ le {departure_at} (dans {minutes_before}).",
        ),
        NoticeKind::PayoutSent => (
            "Vos gains sont versés",
            "Nous avons versé {amount} sur votre numéro.",
            "Teranga : {amount} versé sur votre numéro.",
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
        NoticeKind::Announcement => ("{subject}", "{body}", "{subject} : {body}"),
        NoticeKind::ExportReady => (
            "Vos données sont prêtes",
            "La copie de tout ce que nous conservons sur vous est prête. Retirez-la dans l'application avant le \
             {expires_at} ; elle sera ensuite supprimée.",
            "Teranga : la copie de vos données vous attend dans l'application, jusqu'au {expires_at}.",
        ),
        NoticeKind::WaitlistJoined => (
            "Vous êtes sur la liste d'attente",
            "Rien n'est libre pour {resource}, {start_at} : vous êtes sur la liste d'attente (réservation {code}). Nous \
             vous prévenons dès qu'une place vous est proposée.",
            "Teranga : liste d'attente pour {resource}, {start_at}. Réservation {code}.",
        ),
        NoticeKind::OfferMade => (
            "C'est votre tour : répondez vite",
            "{resource}, {start_at}, vous est réservé jusqu'au {expires_at} (réservation {code}). Acceptez ou refusez dans \
             l'application ; sans réponse, l'offre passe au suivant.",
            "Teranga : {resource}, {start_at}, à vous jusqu'au {expires_at}. Acceptez : {code}.",
        ),
        NoticeKind::OfferExpired => (
            "L'offre a expiré",
            "Sans réponse à temps, {resource}, {start_at}, est passé au suivant. Refaites une demande si vous le voulez \
             toujours.",
            "Teranga : sans réponse à temps, {resource}, {start_at}, est passé au suivant.",
        ),
        NoticeKind::OfferAccepted => (
            "Offre acceptée",
            "{resource}, {start_at}, est retenu pour votre réservation {code}. L'application indique ce qu'il reste à faire.",
            "Teranga : {resource}, {start_at}, est retenu pour votre réservation {code}.",
        ),
        NoticeKind::WaitlistRefused => (
            "Demande refusée",
            "Votre demande pour {resource}, {start_at}, est refusée : {notes}. Vous ne devez rien.",
            "Teranga : demande refusée pour {resource}, {start_at}. Le motif est dans l'application.",
        ),
        NoticeKind::AlternativeProposed => (
            "Une autre proposition",
            "Au lieu de {resource}, {start_at}, nous vous proposons {other}, {other_at} : {notes}. Rien n'est retenu : \
             acceptez dans l'application tant que c'est libre.",
            "Teranga : au lieu de {resource}, {other}, {other_at}. Non retenu : acceptez dans l'application.",
        ),
        NoticeKind::WaitlistEnded => (
            "Rien ne s'est libéré",
            "Rien ne s'est libéré pour {resource}, {start_at}. Vous n'êtes plus sur sa liste d'attente.",
            "Teranga : rien ne s'est libéré pour {resource}, {start_at}.",
        ),
        NoticeKind::BookingWithdrawn => (
            "Votre réservation a dû être annulée",
            "{resource} n'est plus proposé : la réservation {code} du {start_at} est annulée. Ce qui a été payé est rendu.",
            "Teranga : {resource} n'est plus proposé. Réservation {code} du {start_at} annulée.",
        ),
        NoticeKind::BookingClosedOut => (
            "Votre réservation a dû être annulée",
            "{resource} est fermé à ce moment : la réservation {code} du {start_at} est annulée. Ce qui a été payé est rendu.",
            "Teranga : {resource} est fermé le {start_at}. Réservation {code} annulée.",
        ),
        _ => return None,
    })
}
