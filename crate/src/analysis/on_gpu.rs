//! A task on a GPU that may refuse it or be lost meanwhile.

use crate::analysis::results::TaskResults;
use crate::analysis::runs::analyze;
use crate::analysis::task::Task;
use crate::error::Error;
use crate::figures::tensor::Status;
use crate::host::Host;
use crate::kernels::cpu::Cpu;
use crate::kernels::gpu::Gpu;
use crate::settings::Settings;

/// The longest part of a device's message that a reader is shown, in characters.
const MOST_OF_MESSAGE: usize = 160;

/// The results of a task that was given to a GPU.
pub struct OnGpu {
    /// The results, of the GPU or of the CPU.
    pub results: TaskResults,
    /// Why the CPU computed them; `None` where the GPU did.
    pub on_cpu: Option<String>,
}

/// Analyses one task on a GPU. What the GPU refuses, for want of memory or as invalid, is computed
/// on the CPU from the beginning.
///
/// # Errors
/// [`Error::Lost`] if the device is gone; nothing is kept of the task then.
pub async fn analyze_on_gpu(
    gpu: &Gpu,
    task: &Task,
    settings: &Settings,
    host: &Host<'_>,
) -> Result<OnGpu, Error> {
    // What an earlier task met is not this one's.
    gpu.take_refusal();
    let results = analyze(gpu, task, settings, host).await;
    let refusal = gpu.take_refusal();
    if !is_incomplete(&results, refusal.as_ref()) {
        return Ok(OnGpu { results, on_cpu: None });
    }
    if let Some(loss) = gpu.find_loss().await {
        return Err(loss);
    }
    let on_cpu = analyze(&Cpu, task, settings, host).await;
    // A file that cannot be read fails everywhere, and the GPU is not to blame.
    if count_failed(&on_cpu) > 0 && refusal.is_none() {
        return Ok(OnGpu { results, on_cpu: None });
    }
    let why = refusal.map(|error| error.to_string());
    let why = why.or_else(|| results.tensors.iter().find_map(|t| t.value.error.clone()));
    Ok(OnGpu { results: on_cpu, on_cpu: Some(shorten(&why.unwrap_or_default())) })
}

/// True if the GPU may have kept figures from the results: a tensor failed, the device gave an
/// error behind the last read, or a note tells of what was not computed after it refused something.
fn is_incomplete(results: &TaskResults, refusal: Option<&Error>) -> bool {
    let has_note = || {
        results
            .tensors
            .iter()
            .any(|t| t.value.geometry_note.is_some() || t.value.figures_note.is_some())
    };
    match refusal {
        // A buffer that found no room has been done without: the figures are whole.
        Some(Error::OutOfMemory(_)) => count_failed(results) > 0 || has_note(),
        Some(_) => true,
        None => count_failed(results) > 0,
    }
}

fn count_failed(results: &TaskResults) -> usize {
    results.tensors.iter().filter(|t| t.value.status == Status::Failed).count()
}

/// Shortens a message to its first line.
fn shorten(message: &str) -> String {
    let line = message.lines().next().unwrap_or_default();
    match line.char_indices().nth(MOST_OF_MESSAGE) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_keep_their_first_line() {
        assert_eq!(shorten("one\ntwo"), "one");
        assert_eq!(shorten(&"ä".repeat(200)).chars().count(), MOST_OF_MESSAGE + 1);
    }
}
