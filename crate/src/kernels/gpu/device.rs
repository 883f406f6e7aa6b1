//! Adapter, device, buffers, pipelines and readback: everything that depends on the life cycle of
//! wgpu's objects.

use crate::error::Error;
use crate::kernels::gpu::shader::{GROUP, Shared, module};
use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, Mutex};
use wgpu::util::{BufferInitDescriptor, DeviceExt};
use wgpu::{Buffer, BufferDescriptor, BufferUsages, CommandEncoder, ComputePipeline};

/// Workgroups along x; the others go along y, since one dimension takes 65535 at most.
const ACROSS: u64 = 32768;

/// The adapter's description of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GpuInfo {
    /// The adapter's name; browsers may leave it empty.
    pub name: String,
    /// Whether the adapter runs on the CPU.
    pub software: bool,
    /// The API behind the adapter.
    pub backend: String,
}

/// The kind of adapter to ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Prefer {
    /// The fastest.
    #[default]
    Fast,
    /// The one that takes the least power.
    LowPower,
    /// The software adapter, if there is one.
    Software,
}

/// Bytes that are read back at a time: a browser copies them into the wasm heap twice.
const READ: u64 = 8 << 20;
/// The allocation of buffers of so many bytes or more is awaited: a refusal then has a name, and
/// small buffers cost no wait.
const AWAITED: u64 = 1 << 20;

/// Bytes of the buffer that a device is asked for to see whether it still computes.
const PROBE: u64 = 16;

/// Work that was submitted.
struct Step {
    index: wgpu::SubmissionIndex,
    /// Receives when the work is done.
    done: futures_channel::oneshot::Receiver<()>,
}

/// An error that came outside the call which caused it.
type Slot = Arc<Mutex<Option<Error>>>;

/// A device of wgpu with its pipelines.
pub(crate) struct Device {
    device: wgpu::Device,
    queue: wgpu::Queue,
    /// Errors arrive outside the call that caused them, in a browser always. They wait here for the
    /// next check.
    failed: Slot,
    lost: Slot,
    /// What the device refused since it was last asked.
    refused: Slot,
    pipelines: RefCell<HashMap<String, ComputePipeline>>,
    staging: RefCell<Option<Buffer>>,
    earlier: RefCell<Option<Step>>,
    pub(crate) binding_limit: u64,
    pub(crate) info: GpuInfo,
    /// Whether shaders may call `dot4I8Packed`.
    pub(crate) dot4: bool,
}

/// Keeps an error unless there is an earlier one.
fn keep_first(slot: &Mutex<Option<Error>>, error: Error) {
    if let Ok(mut slot) = slot.lock() {
        slot.get_or_insert(error);
    }
}

/// Makes an error of this crate of one that concerns `what`.
fn name_error(error: wgpu::Error, what: impl std::fmt::Display) -> Error {
    match error {
        wgpu::Error::OutOfMemory { .. } => {
            Error::OutOfMemory(format!("the GPU has no room for {what}"))
        }
        other => Error::Device(other.to_string()),
    }
}

/// Describes a loss by what the system says of it.
fn describe_loss(reason: wgpu::DeviceLostReason, text: &str) -> String {
    let text = text.trim().trim_end_matches('.');
    match reason {
        _ if !text.is_empty() => text.into(),
        wgpu::DeviceLostReason::Destroyed => "it was destroyed".into(),
        _ => "no reason is given".into(),
    }
}

/// Makes an error of the device.
fn device_error(what: impl std::fmt::Display) -> Error {
    Error::Device(what.to_string())
}

impl Drop for Device {
    /// Gives back what the device holds at once, and not when a browser collects what is
    /// unreachable.
    fn drop(&mut self) {
        self.device.destroy();
    }
}

impl Device {
    /// Asks for an adapter and a device.
    pub(crate) async fn new(prefer: Prefer) -> Result<Self, Error> {
        let instance = wgpu::Instance::new(wgpu::InstanceDescriptor::new_without_display_handle());
        let options = wgpu::RequestAdapterOptions {
            power_preference: match prefer {
                Prefer::LowPower => wgpu::PowerPreference::LowPower,
                _ => wgpu::PowerPreference::HighPerformance,
            },
            force_fallback_adapter: prefer == Prefer::Software,
            ..Default::default()
        };
        let adapter = instance
            .request_adapter(&options)
            .await
            .map_err(|e| Error::Device(format!("there is no WebGPU adapter ({e})")))?;
        let dot4 = instance
            .wgsl_language_features()
            .contains(wgpu::WgslLanguageFeatures::Packed4x8IntegerDotProduct);
        let adapter_limits = adapter.limits();
        // The default limits hold for every WebGPU browser; only sizes are raised, so that big
        // matrices need fewer tiles.
        let required_limits = wgpu::Limits {
            max_buffer_size: adapter_limits.max_buffer_size.min(1 << 30),
            max_storage_buffer_binding_size: adapter_limits
                .max_storage_buffer_binding_size
                .min(1 << 30),
            ..Default::default()
        };
        let binding_limit =
            required_limits.max_storage_buffer_binding_size.min(required_limits.max_buffer_size);
        let (device, queue) = adapter
            .request_device(&wgpu::DeviceDescriptor {
                label: Some("gatescope"),
                required_limits,
                ..Default::default()
            })
            .await
            .map_err(|e| {
                Error::Device(format!("there is a WebGPU adapter, but it gave no device ({e})"))
            })?;
        let failed = Slot::default();
        let lost = Slot::default();
        let slot = failed.clone();
        device.on_uncaptured_error(Arc::new(move |e: wgpu::Error| {
            keep_first(&slot, name_error(e, "a buffer"));
        }));
        let slot = lost.clone();
        device.set_device_lost_callback(move |reason, text| {
            keep_first(&slot, Error::Lost(describe_loss(reason, &text)));
        });
        let adapter_info = adapter.get_info();
        let lower = adapter_info.name.to_lowercase();
        let info = GpuInfo {
            software: adapter_info.device_type == wgpu::DeviceType::Cpu
                || lower.contains("llvmpipe")
                || lower.contains("swiftshader"),
            name: adapter_info.name,
            backend: adapter_info.backend.to_string(),
        };
        Ok(Self {
            device,
            queue,
            failed,
            lost,
            refused: Slot::default(),
            info,
            dot4,
            binding_limit,
            pipelines: RefCell::default(),
            staging: RefCell::default(),
            earlier: RefCell::default(),
        })
    }

    /// Returns the first error since the last check, if there was one. A lost device stays lost.
    pub(crate) fn check_errors(&self) -> Result<(), Error> {
        let failed = self.failed.lock().map_err(device_error)?.take();
        // Natively a loss is told by a poll only, and what fails before it is its consequence.
        #[cfg(not(target_arch = "wasm32"))]
        if failed.is_some() {
            self.device.poll(wgpu::PollType::Poll).map_err(device_error)?;
        }
        let lost = self.lost.lock().map_err(device_error)?.clone();
        lost.or(failed).map_or(Ok(()), |error| Err(self.refuse(error)))
    }

    /// Remembers an error of the device for [`Device::take_refusal`].
    fn refuse(&self, error: Error) -> Error {
        keep_first(&self.refused, error.clone());
        error
    }

    /// Returns what the device refused since the last call, also what nobody has met yet.
    pub(crate) fn take_refusal(&self) -> Option<Error> {
        let met = self.check_errors().err();
        self.refused.lock().ok()?.take().or(met)
    }

    /// Returns why the device is lost, or `None` while it still computes. A loss may be told after
    /// its consequences, so the device is asked for an answer; errors that it still owes of what it
    /// refused are none.
    pub(crate) async fn find_loss(&self) -> Option<Error> {
        let buffer = self.device.create_buffer(&BufferDescriptor {
            label: Some("probe"),
            size: PROBE,
            usage: BufferUsages::MAP_READ | BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        let (sender, receiver) = futures_channel::oneshot::channel();
        buffer.map_async(wgpu::MapMode::Read, 0..PROBE, move |r| {
            // Who asks waits for the answer.
            let _ = sender.send(r.is_ok());
        });
        #[cfg(not(target_arch = "wasm32"))]
        let polled = self.device.poll(wgpu::PollType::wait_indefinitely()).is_ok();
        #[cfg(target_arch = "wasm32")]
        let polled = true;
        let answers = polled && receiver.await == Ok(true);
        buffer.destroy();
        self.take_refusal();
        let lost = self.lost.lock().ok()?.clone();
        lost.or_else(|| (!answers).then(|| Error::Lost("it does not answer".into())))
    }

    /// Creates a storage buffer, unless it is over the device's limit.
    fn create_buffer(&self, bytes: u64) -> Result<Buffer, Error> {
        if bytes > self.binding_limit {
            return Err(Error::OutOfMemory(format!(
                "a buffer of {bytes} bytes is over this device's limit of {}",
                self.binding_limit
            )));
        }
        Ok(self.device.create_buffer(&BufferDescriptor {
            label: None,
            size: bytes.max(16),
            usage: BufferUsages::STORAGE | BufferUsages::COPY_SRC | BufferUsages::COPY_DST,
            mapped_at_creation: false,
        }))
    }

    /// Creates a storage buffer of zeros (WebGPU clears new buffers). In a browser a refusal
    /// arrives later, at some [`Device::check_errors`].
    pub(crate) fn create_storage(&self, bytes: u64) -> Result<Buffer, Error> {
        let buffer = self.create_buffer(bytes)?;
        self.check_errors()?;
        Ok(buffer)
    }

    /// Creates a storage buffer of zeros, and waits until it is there if it is large.
    pub(crate) async fn allocate(&self, bytes: u64) -> Result<Buffer, Error> {
        if bytes < AWAITED {
            return self.create_storage(bytes);
        }
        let scope = self.device.push_error_scope(wgpu::ErrorFilter::OutOfMemory);
        let buffer = self.create_buffer(bytes);
        let refused = scope.pop().await;
        self.check_errors()?;
        let buffer = buffer?;
        if let Some(error) = refused {
            buffer.destroy();
            let error = name_error(error, format_args!("{} MiB", bytes.div_ceil(1 << 20)));
            return Err(self.refuse(error));
        }
        Ok(buffer)
    }

    /// Writes `bytes` at `offset`. Their number and the offset are multiples of four.
    pub(crate) fn write(&self, buffer: &Buffer, offset: u64, bytes: &[u8]) -> Result<(), Error> {
        if !bytes.is_empty() {
            self.queue.write_buffer(buffer, offset, bytes);
        }
        self.check_errors()
    }

    /// Creates a storage buffer that holds `bytes`, whose number is a multiple of four.
    pub(crate) fn upload(&self, bytes: &[u8]) -> Result<Buffer, Error> {
        let buffer = self.create_storage(bytes.len() as u64)?;
        self.write(&buffer, 0, bytes)?;
        Ok(buffer)
    }

    /// Submits what was written, and waits until everything is done that was submitted before the
    /// last call. So of a long series at most two steps are on the device: one that computes, and
    /// one that is on its way.
    pub(crate) async fn wait_for_earlier(&self) -> Result<(), Error> {
        let index = self.queue.submit([]);
        let (sender, receiver) = futures_channel::oneshot::channel();
        self.queue.on_submitted_work_done(move || {
            // Nobody waits for the last step.
            let _ = sender.send(());
        });
        let Some(earlier) = self.earlier.replace(Some(Step { index, done: receiver })) else {
            return self.check_errors();
        };
        // A browser has no poll: there the index says nothing.
        let until = wgpu::PollType::Wait { submission_index: Some(earlier.index), timeout: None };
        self.device.poll(until).map_err(device_error)?;
        let done = earlier.done.await;
        self.check_errors()?;
        done.map_err(|_| self.refuse(Error::Lost("it went away while it computed".into())))
    }

    /// Returns the pipeline of this name, which is compiled from `source` on the first call.
    fn pipeline(&self, name: &str, source: impl FnOnce() -> String) -> ComputePipeline {
        if let Some(found) = self.pipelines.borrow().get(name) {
            return found.clone();
        }
        let module = self.device.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: Some(name),
            source: wgpu::ShaderSource::Wgsl(source().into()),
        });
        let made = self.device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: Some(name),
            layout: None,
            module: &module,
            entry_point: Some("main"),
            compilation_options: Default::default(),
            cache: None,
        });
        self.pipelines.borrow_mut().insert(name.to_string(), made.clone());
        made
    }

    /// Creates an encoder.
    pub(crate) fn encoder(&self) -> CommandEncoder {
        self.device.create_command_encoder(&Default::default())
    }

    /// Submits what was recorded.
    pub(crate) fn submit(&self, encoder: CommandEncoder) -> Result<(), Error> {
        self.queue.submit([encoder.finish()]);
        self.check_errors()
    }

    /// Records one dispatch of `invocations` of the kernel `source`, which is compiled once for
    /// each `name`. Binding 0 holds the parameters, then come `buffers`.
    pub(crate) fn dispatch<P: Shared>(
        &self,
        encoder: &mut CommandEncoder,
        name: &str,
        source: impl FnOnce() -> String,
        parameters: &P,
        buffers: &[&Buffer],
        invocations: u64,
    ) -> Result<(), Error> {
        let groups = invocations.div_ceil(GROUP as u64);
        if groups == 0 {
            return Ok(());
        }
        let pipeline = self.pipeline(name, || module::<P>(&source()));
        self.check_errors()?;
        let uniform = self.device.create_buffer_init(&BufferInitDescriptor {
            label: None,
            contents: bytemuck::cast_slice(&parameters.words()),
            usage: BufferUsages::UNIFORM,
        });
        let entries: Vec<_> = std::iter::once(&uniform)
            .chain(buffers.iter().copied())
            .enumerate()
            .map(|(i, b)| wgpu::BindGroupEntry {
                binding: i as u32,
                resource: b.as_entire_binding(),
            })
            .collect();
        let bind = self.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some(name),
            layout: &pipeline.get_bind_group_layout(0),
            entries: &entries,
        });
        let mut pass = encoder.begin_compute_pass(&Default::default());
        pass.set_pipeline(&pipeline);
        pass.set_bind_group(0, &bind, &[]);
        let across = groups.min(ACROSS);
        pass.dispatch_workgroups(across as u32, groups.div_ceil(across) as u32, 1);
        Ok(())
    }

    /// Submits the encoder, then reads the bytes `range` of `source` back.
    pub(crate) async fn read<T: bytemuck::AnyBitPattern>(
        &self,
        encoder: CommandEncoder,
        source: &Buffer,
        range: Range<u64>,
    ) -> Result<Vec<T>, Error> {
        let mut encoder = Some(encoder);
        let mut out = Vec::with_capacity((range.end - range.start) as usize / size_of::<T>());
        for start in range.clone().step_by(READ as usize) {
            let piece = start..range.end.min(start + READ);
            self.read_piece(
                encoder.take().unwrap_or_else(|| self.encoder()),
                source,
                piece,
                &mut out,
            )
            .await?;
        }
        if let Some(encoder) = encoder {
            self.submit(encoder)?;
        }
        Ok(out)
    }

    /// Reads one piece by way of the staging buffer, which is kept for the next.
    async fn read_piece<T: bytemuck::AnyBitPattern>(
        &self,
        mut encoder: CommandEncoder,
        source: &Buffer,
        piece: Range<u64>,
        out: &mut Vec<T>,
    ) -> Result<(), Error> {
        let bytes = piece.end - piece.start;
        let kept = self.staging.borrow_mut().take().filter(|b| b.size() >= bytes);
        let staging = kept.unwrap_or_else(|| {
            self.device.create_buffer(&BufferDescriptor {
                label: Some("readback"),
                size: bytes.next_multiple_of(4096),
                usage: BufferUsages::MAP_READ | BufferUsages::COPY_DST,
                mapped_at_creation: false,
            })
        });
        encoder.copy_buffer_to_buffer(source, piece.start, &staging, 0, bytes);
        self.submit(encoder)?;
        let (sender, receiver) = futures_channel::oneshot::channel();
        staging.map_async(wgpu::MapMode::Read, 0..bytes, move |r| {
            let _ = sender.send(r);
        });
        #[cfg(not(target_arch = "wasm32"))]
        self.device.poll(wgpu::PollType::wait_indefinitely()).map_err(device_error)?;
        let mapped = receiver.await;
        self.check_errors()?;
        mapped
            .map_err(|_| self.refuse(Error::Lost("it went away during a read".into())))?
            .map_err(|e| self.refuse(device_error(e)))?;
        {
            let view = staging.get_mapped_range(0..bytes).map_err(device_error)?;
            out.extend(view.chunks_exact(size_of::<T>()).map(bytemuck::pod_read_unaligned::<T>));
        }
        staging.unmap();
        self.staging.replace(Some(staging));
        Ok(())
    }

    /// Loses the device, as when a driver crashes.
    #[cfg(test)]
    pub(crate) fn lose(&self) {
        self.device.destroy();
    }
}
