//! Something to look at (Y10): a company with two car parks, a university that lends cameras and microphones, and a
//! firm with rooms on three sites. Sown by the operations the doors call, one commit an organization. Sowing again
//! changes nothing: what is there stays as it is, and what somebody removed stays removed.

mod company;
mod firm;
mod university;

use domain::{
    db::{Db, Scope, Tx},
    error::Result,
    identity::{self, Identifier, NewPerson, password},
    ids::*,
    inventory::{
        Discipline, Kind, Service,
        resources::{self, NewResource, ResourceFacts},
        sites::{self, SiteFacts},
        tags,
        units::NewUnit,
    },
    money::Currency,
    organizations::{
        self, NewOrganization, OrganizationPatch,
        departments::{self, DepartmentFacts},
        members, roles,
        settings::Settings,
    },
    paging::Page,
    policies::{self, NewPolicy},
};
use serde_json::Value;

const WHOLE: Page = Page { limit: 200, offset: 0 };

/// What one sowing made in one organization.
#[derive(Debug, PartialEq, Eq)]
pub struct Sown {
    pub slug: &'static str,
    /// Things that were not there: the organization, people, sites, rules, resources.
    pub made: usize,
}

/// Sows every organization; everybody in them signs in with this password.
pub async fn sow(db: &Db, password: &str) -> Result<Vec<Sown>> {
    let password_hash = password::hash(password)?;
    let mut sower = Sower::begin(db, &password_hash).await?;
    company::sow(&mut sower).await?;
    let company = sower.end(company::SLUG).await?;
    let mut sower = Sower::begin(db, &password_hash).await?;
    university::sow(&mut sower).await?;
    let university = sower.end(university::SLUG).await?;
    let mut sower = Sower::begin(db, &password_hash).await?;
    firm::sow(&mut sower).await?;
    Ok(vec![company, university, sower.end(firm::SLUG).await?])
}

struct Sower {
    tx: Tx,
    password_hash: String,
    made: usize,
}

impl Sower {
    async fn begin(db: &Db, password_hash: &str) -> Result<Self> {
        Ok(Self { tx: db.begin(Scope::nowhere()).await?, password_hash: password_hash.to_owned(), made: 0 })
    }

    async fn end(self, slug: &'static str) -> Result<Sown> {
        self.tx.commit().await?;
        Ok(Sown { slug, made: self.made })
    }

    /// Enters the organization, which takes people with an address of its own; its first person administers it.
    async fn organization(&mut self, slug: &str, name: &str, admin: &str, default_role: &str) -> Result<()> {
        let known = organizations::enter_existing(&mut self.tx, slug).await?;
        let new = NewOrganization {
            slug: slug.into(),
            name: name.into(),
            timezone: "Africa/Abidjan".into(),
            currency: Currency::Xof,
            payment_mode: "live".into(),
            locale: "fr".into(),
            registration: "domain".into(),
            settings: Settings::default(),
        };
        let made = match known {
            Some(_) => None,
            None => Some(organizations::create(&mut self.tx, &new, None).await?),
        };
        let admin = self.person(slug, "admin", admin, "admin").await?;
        if let (Some(made), Some(admin)) = (made, admin) {
            let patch = OrganizationPatch {
                email_domains: Some(vec![format!("{slug}.test")]),
                default_role: Some(default_role.into()),
                ..OrganizationPatch::default()
            };
            let giver = identity::principal(&mut self.tx, admin).await?;
            organizations::update(&mut self.tx, &giver, made.version, &patch).await?;
            self.made += 1;
        }
        Ok(())
    }

    /// Somebody of the house, by the part of the address before the at; nobody new when they are known.
    async fn person(&mut self, slug: &str, login: &str, full_name: &str, role: &str) -> Result<Option<UserId>> {
        let identifier = Identifier::email(&format!("{login}@{slug}.test"))?;
        if identity::find_user(&mut self.tx, &identifier).await?.is_some() {
            return Ok(None);
        }
        let (password_hash, full_name) = (Some(self.password_hash.clone()), full_name.to_owned());
        let person = NewPerson { identifier, password_hash, full_name, locale: Some("fr".into()) };
        let id = identity::create_person(&mut self.tx, &person).await?;
        members::grant(&mut self.tx, id, role).await?;
        self.made += 1;
        Ok(Some(id))
    }

    async fn site(&mut self, name: &str, address: &str, point: (f64, f64)) -> Result<SiteId> {
        let filter = sites::Filter { text: Some(name.into()), include_deleted: true, ..sites::Filter::default() };
        let order = sites::Order { by_age: false, descending: false };
        let known = sites::list(&mut self.tx, &filter, order, WHOLE).await?;
        if let Some(site) = known.items.into_iter().find(|site| site.facts.name == name) {
            return Ok(site.id);
        }
        let (name, address, timezone) = (name.to_owned(), address.to_owned(), None);
        let facts = SiteFacts { name, address, timezone, point: Some(point), plan_key: None };
        self.made += 1;
        Ok(sites::create(&mut self.tx, facts).await?.id)
    }

    /// The same under clocks of its own.
    async fn site_in(&mut self, name: &str, address: &str, point: (f64, f64), zone: &str) -> Result<SiteId> {
        let before = self.made;
        let id = self.site(name, address, point).await?;
        if self.made > before {
            let change = |facts| Ok(SiteFacts { timezone: Some(zone.to_owned()), ..facts });
            sites::update(&mut self.tx, id, None, change).await?;
        }
        Ok(id)
    }

    /// The words of a trade, once.
    async fn adopt(&mut self, profile: &str, slug: &str) -> Result<()> {
        if identity::find_user(&mut self.tx, &Identifier::email(&format!("awa@{slug}.test"))?).await?.is_none() {
            roles::adopt(&mut self.tx, profile).await?;
            self.made += 1;
        }
        Ok(())
    }

    /// A department led by the person of this login.
    async fn department(&mut self, slug: &str, name: &str, site: SiteId, manager: &str, budget: i64) -> Result<()> {
        let filter = departments::Filter { site: Some(site), include_deleted: true, ..departments::Filter::default() };
        let known = departments::list(&mut self.tx, &filter, WHOLE).await?;
        let leader = identity::find_user(&mut self.tx, &Identifier::email(&format!("{manager}@{slug}.test"))?).await?;
        if let (true, Some(manager)) = (known.items.iter().all(|one| one.facts.name != name), leader) {
            let facts = DepartmentFacts { name: name.into(), site, manager, annual_budget: Some(budget) };
            departments::create(&mut self.tx, facts).await?;
            self.made += 1;
        }
        Ok(())
    }

    async fn tag(&mut self, name: &str) -> Result<()> {
        if tags::list(&mut self.tx, WHOLE).await?.items.iter().all(|tag| tag.name != name) {
            tags::create(&mut self.tx, name).await?;
            self.made += 1;
        }
        Ok(())
    }

    /// The standard rules of a kind.
    async fn standard_policy(&mut self, name: &str, kind: Kind, rules: Value) -> Result<()> {
        if policies::list(&mut self.tx, WHOLE).await?.items.iter().all(|policy| policy.name != name) {
            let new = NewPolicy { name: name.into(), applies_to: Some(kind), standard: true, rules };
            policies::create(&mut self.tx, new).await?;
            self.made += 1;
        }
        Ok(())
    }

    async fn resource(&mut self, kind: Kind, facts: ResourceFacts, units: Vec<NewUnit>) -> Result<()> {
        let filter =
            resources::Filter { text: Some(facts.name.clone()), include_deleted: true, ..resources::Filter::default() };
        let known = resources::list(&mut self.tx, &filter, &[], WHOLE).await?;
        if known.items.iter().all(|resource| resource.facts.name != facts.name || resource.facts.site != facts.site) {
            resources::create(&mut self.tx, NewResource { kind, facts, units }).await?;
            self.made += 1;
        }
        Ok(())
    }
}

/// Something people may wait for, of which only the name, the place and a few words are known.
fn facts(name: &str, site: SiteId, description: &str, tags: &[&str]) -> ResourceFacts {
    ResourceFacts {
        name: name.into(),
        description: description.into(),
        status: Service::Active,
        site: Some(site),
        serial_number: None,
        capacity: None,
        features: Vec::new(),
        attributes: serde_json::Map::new(),
        location: resources::Location::default(),
        image_keys: Vec::new(),
        tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
        policy: None,
        price: None,
        queue_discipline: Discipline::Score,
    }
}
