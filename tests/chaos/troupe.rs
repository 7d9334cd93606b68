//! The product's programs as they run on this stage: they are killed, stopped, asked to leave, and started again at
//! the same place.

use harness::programs::{Program, free_port, ready};
use std::time::{Duration, Instant};

/// A program of the product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Api,
    Worker,
    Scheduler,
}

/// How many of each.
#[derive(Debug, Clone, Copy)]
pub struct Cast {
    pub apis: usize,
    pub workers: usize,
    pub schedulers: usize,
}

/// One place, and who stands there.
struct Place {
    role: Role,
    name: String,
    address: String,
    program: Option<Program>,
}

/// All programs.
pub struct Troupe {
    environment: Vec<(&'static str, String)>,
    places: Vec<Place>,
}

/// Whom a fault took away, and when.
pub struct Taken {
    pub pid: u32,
    pub at: Instant,
}

impl Role {
    fn program(self) -> (&'static str, &'static str, &'static [&'static str]) {
        match self {
            Self::Api => ("teranga-api", "API_LISTEN", &[]),
            Self::Worker => ("teranga-worker", "WORKER_LISTEN", &["--concurrency", "4"]),
            Self::Scheduler => ("teranga-scheduler", "SCHEDULER_LISTEN", &[]),
        }
    }
}

impl Troupe {
    /// Starts everybody and waits until all may be used.
    pub async fn enter(environment: Vec<(&'static str, String)>, cast: Cast) -> Self {
        let place = |role, kind: &str, n| Place {
            role,
            name: format!("{kind}-{n}"),
            address: format!("127.0.0.1:{}", free_port()),
            program: None,
        };
        let places = (0..cast.apis).map(|n| place(Role::Api, "api", n));
        let places = places.chain((0..cast.workers).map(|n| place(Role::Worker, "worker", n)));
        let places = places.chain((0..cast.schedulers).map(|n| place(Role::Scheduler, "scheduler", n)));
        let mut troupe = Self { environment, places: places.collect() };
        for at in 0..troupe.places.len() {
            troupe.fill(at);
        }
        for at in 0..troupe.places.len() {
            troupe.ready(at).await;
        }
        troupe
    }

    /// The addresses clients know.
    pub fn doors(&self) -> Vec<String> {
        let apis = self.places.iter().filter(|place| place.role == Role::Api);
        apis.map(|api| format!("http://{}", api.address)).collect()
    }

    /// `kill -9`: nothing is finished, nothing handed back.
    pub async fn kill(&mut self, role: Role, n: usize) -> Taken {
        let at = self.find(role, n);
        let program = self.places[at].program.take().expect("it stands there");
        let taken = Taken { pid: program.pid, at: Instant::now() };
        program.kill().await;
        taken
    }

    /// Starts it again where it stood; it is not waited for.
    pub fn start(&mut self, role: Role, n: usize) {
        let at = self.find(role, n);
        self.fill(at);
    }

    /// SIGTERM; once it has left, another takes its place and is waited for. True when it left in good order.
    pub async fn replace(&mut self, role: Role, n: usize, patience: Duration) -> bool {
        let at = self.find(role, n);
        let left = self.places[at].program.take().expect("it stands there").leave(patience).await;
        self.fill(at);
        self.ready(at).await;
        left.is_some_and(|status| status.success())
    }

    /// Sends it a signal by its name.
    pub async fn signal(&self, role: Role, n: usize, name: &str) -> Taken {
        let program = self.at(role, n);
        let taken = Taken { pid: program.pid, at: Instant::now() };
        program.signal(name).await;
        taken
    }

    pub fn pid(&self, role: Role, n: usize) -> u32 {
        self.at(role, n).pid
    }

    /// Programs that ended though nobody killed them.
    pub fn exits(&mut self) -> i64 {
        let programs = self.places.iter_mut().filter_map(|place| place.program.as_mut());
        programs.map(|program| i64::from(program.ended())).sum()
    }

    /// Ends everybody.
    pub async fn leave(self) {
        for program in self.places.into_iter().filter_map(|place| place.program) {
            program.kill().await;
        }
    }

    fn at(&self, role: Role, n: usize) -> &Program {
        self.places[self.find(role, n)].program.as_ref().expect("it stands there")
    }

    fn find(&self, role: Role, n: usize) -> usize {
        let mut of_role = self.places.iter().enumerate().filter(|(_, place)| place.role == role);
        of_role.nth(n).expect("somebody of this role").0
    }

    fn fill(&mut self, at: usize) {
        let place = &mut self.places[at];
        let (program, listen, arguments) = place.role.program();
        let mut environment = self.environment.clone();
        environment.retain(|(name, _)| *name != listen);
        environment.push((listen, place.address.clone()));
        place.program = Some(Program::start(&place.name, program, &environment, arguments));
    }

    async fn ready(&mut self, at: usize) {
        let place = &mut self.places[at];
        ready(place.program.as_mut().expect("it stands there"), &format!("http://{}", place.address)).await;
    }
}
