//! `teranga-api create-organization`: the controlled bootstrap of a tenant, its first admin and its accounts at
//! providers (C7).

use super::{
    Outcome,
    arguments::{Arguments, Grammar},
    say, told,
};
use domain::{
    db::{Db, Scope, Tx},
    identity::{self, Identifier, NewPerson, password},
    ids::{OrgId, ProviderAccountId, UserId},
    money::Currency,
    organizations::{self, NewOrganization, members, roles, settings::Settings},
    permissions::ADMIN,
};
use runtime::{
    Secret,
    env::Env,
    pool::{PoolSettings, connect_owner},
};

/// What the command takes.
pub const GRAMMAR: Grammar = Grammar {
    values: &[
        "slug",
        "name",
        "timezone",
        "currency",
        "locale",
        "registration",
        "payment-mode",
        "profile",
        "admin-email",
        "admin-password-env",
        "wave-account-ref",
        "wave-account-id",
        "orange-account-ref",
        "mtn-account-ref",
        "card-account-ref",
        "sonatel-account-ref",
    ],
    switches: &["if-missing", "operator"],
    required: &["slug", "name", "timezone", "currency"],
    together: &[("admin-email", "admin-password-env")],
};

/// Providers beside Wave, and the option that gives an account there.
const OTHERS: [(&str, &str); 4] = [
    ("orange", "orange-account-ref"),
    ("mtn", "mtn-account-ref"),
    ("card", "card-account-ref"),
    ("sonatel", "sonatel-account-ref"),
];

/// What to create, and where.
pub struct Creation {
    pool: PoolSettings,
    organization: NewOrganization,
    profile: Option<String>,
    admin: Option<(String, Secret)>,
    wave_account_ref: Option<String>,
    wave_account_id: Option<ProviderAccountId>,
    /// Further accounts: provider and `secret_ref`.
    accounts: Vec<(&'static str, String)>,
    if_missing: bool,
    operator: bool,
}

/// Takes the login and the admin's password from the environment; the rest was typed.
pub fn read(env: &mut Env<'_>, arguments: &Arguments) -> Creation {
    let owner = env.optional("OWNER_DATABASE_URL").is_some();
    let pool = if owner { PoolSettings::read_owner(env) } else { PoolSettings::read(env) };
    let text = |name: &str, default: &str| arguments.or(name, default).to_owned();
    let currency = arguments.or("currency", "").parse().unwrap_or_else(|_| {
        env.problem("--currency", "is none we keep books in: XOF, XAF, EUR, USD");
        Currency::Xof
    });
    let admin = arguments.get("admin-email").zip(arguments.get("admin-password-env"));
    Creation {
        pool,
        organization: NewOrganization {
            slug: text("slug", ""),
            name: text("name", ""),
            timezone: text("timezone", ""),
            currency,
            payment_mode: text("payment-mode", "live"),
            locale: text("locale", "fr"),
            registration: text("registration", "open"),
            settings: Settings::default(),
        },
        profile: arguments.get("profile").map(str::to_owned),
        admin: admin.map(|(email, variable)| (email.to_owned(), env.secret(variable, 8))),
        wave_account_ref: arguments.get("wave-account-ref").map(str::to_owned),
        wave_account_id: account_id(env, arguments),
        accounts: OTHERS
            .iter()
            .filter_map(|(provider, option)| Some((*provider, arguments.get(option)?.to_owned())))
            .collect(),
        if_missing: arguments.has("if-missing"),
        operator: arguments.has("operator"),
    }
}

/// The id webhooks will name, where it must be known beforehand.
fn account_id(env: &mut Env<'_>, arguments: &Arguments) -> Option<ProviderAccountId> {
    let given = arguments.get("wave-account-id")?;
    let id = given.parse().ok();
    if id.is_none() {
        env.problem("--wave-account-id", "is not a UUID");
    }
    id
}

/// Creates it and prints its id and the path of its webhook.
///
/// # Errors
/// The refusal of a rule, or the database's failure.
pub async fn run(new: Creation) -> Outcome {
    let pool = connect_owner(&new.pool, "teranga-api create-organization").await?;
    let db = Db::start(pool, None);
    let mut tx = db.begin(Scope::nowhere()).await?;
    let created = create(&mut tx, &new).await.map_err(told)?;
    if new.operator {
        organizations::make_operator(&mut tx).await?;
    }
    tx.commit().await?;
    say(&format!("organization_id={}\n", created.0))?;
    if let Some(account) = created.1 {
        say(&format!("wave_account_id={account}\nwebhook_path=/api/v1/webhooks/wave/{account}\n"))?;
    }
    Ok(())
}

async fn create(tx: &mut Tx, new: &Creation) -> domain::error::Result<(OrgId, Option<ProviderAccountId>)> {
    let existing = if new.if_missing { organizations::enter_existing(tx, &new.organization.slug).await? } else { None };
    let organization = match existing {
        Some(organization) => organization,
        None => {
            let created = organizations::create(tx, &new.organization, None).await?;
            if let Some(profile) = &new.profile {
                roles::adopt(tx, profile).await?;
            }
            created
        }
    };
    if let Some((email, password)) = &new.admin {
        let admin = find_or_create(tx, email, password, &organization.locale).await?;
        members::grant(tx, admin, ADMIN).await?;
    }
    for (provider, secret_ref) in &new.accounts {
        let id = ProviderAccountId::new();
        organizations::add_provider_account(tx, id, provider, secret_ref, organization.currency).await?;
    }
    let account = match &new.wave_account_ref {
        Some(secret_ref) => {
            let id = new.wave_account_id.unwrap_or_else(ProviderAccountId::new);
            Some(organizations::add_provider_account(tx, id, "wave", secret_ref, organization.currency).await?)
        }
        None => None,
    };
    Ok((organization.id, account))
}

async fn find_or_create(tx: &mut Tx, email: &str, password: &Secret, locale: &str) -> domain::error::Result<UserId> {
    let identifier = Identifier::email(email)?;
    if let Some(known) = identity::find_user(tx, &identifier).await? {
        return Ok(known);
    }
    let password_hash = Some(password::hash(password.expose())?);
    let person = NewPerson { identifier, password_hash, full_name: String::new(), locale: Some(locale.to_owned()) };
    identity::create_person(tx, &person).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_option_that_is_asked_for_can_be_given() {
        let line = "--slug demo --name Demo --timezone Africa/Abidjan --currency XOF --locale en --registration invite --payment-mode test \
                    --profile lending --wave-account-ref WAVE --wave-account-id 0b7c5b1e-6b0c-4c57-9d5e-0d3c1f0a9a11 --mtn-account-ref MTN --operator";
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        let arguments = Arguments::parse(&GRAMMAR, &words).unwrap();
        let mut env =
            Env::new(|name| (name == "DATABASE_URL").then(|| "postgres://owner@localhost/teranga".to_owned()));
        let creation = read(&mut env, &arguments);
        let creation = env.finish(creation).unwrap_or_else(|problems| panic!("{problems}"));
        assert_eq!(creation.accounts, [("mtn", "MTN".to_owned())]);
        assert!(creation.operator && !creation.if_missing && creation.wave_account_id.is_some());
        assert_eq!(creation.organization.payment_mode, "test");
        assert_eq!((creation.profile.as_deref(), creation.organization.locale.as_str()), (Some("lending"), "en"));
    }
}
