//! What the audit says before it sends requests: how many, to whom, and that they change nothing.

use super::attack::Family;
use super::routes;
use super::run::{MAX_CONCURRENT_REQUESTS, Plan, REQUEST_TIMEOUT};
use super::target::Target;
use super::target_info::MAX_ISSUERS;
use crate::Program;

/// Returns the announcement before the first request.
pub(super) fn of_audit(program: &Program, target: &Target) -> String {
    let mut text = format!(
        "The audit first reads the issuers of {}: 1 request to it, and at most 2 to each of at most {MAX_ISSUERS} \
         issuers.\n",
        target.origin()
    );
    if let Some(provider) = program.dev_provider.filter(|_| target.is_local()) {
        text += &format!(
            "If the issuer is a development provider on this machine, the audit signs in there to get samples: {} requests.\n",
            provider.max_sample_requests()
        );
    }
    text += &format!(
        "Then it attacks each of the {} routes. IDs are unused and bodies are malformed, so nothing is changed.\n\
         The number of these requests is printed before they are sent.\n",
        routes::all(program.registry()).len()
    );
    text
}

/// Returns the announcement before the first attack.
pub(super) fn of_attacks(plan: &Plan) -> String {
    let count = |family: &Family| plan.attacks.iter().filter(|attack| attack.family == *family).count();
    let kinds = Family::ALL.iter().filter(|family| count(family) > 0);
    let kinds: Vec<_> = kinds.map(|family| format!("{} {}", count(family), family.title().to_lowercase())).collect();
    format!(
        "Sending {} requests: {} routes x {} attacks ({}), {MAX_CONCURRENT_REQUESTS} at once, with a timeout of {} seconds each.\n",
        plan.max_requests(),
        plan.routes.len(),
        plan.attacks.len(),
        kinds.join(", "),
        REQUEST_TIMEOUT.as_secs()
    )
}
