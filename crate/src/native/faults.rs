//! Faults of the program itself: a panic in one step is an error of that step.

use gatescope::error::Error;
use std::any::Any;
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook};

thread_local! {
    /// Where in the source the last panic of this thread was.
    static PLACE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Keeps panics from printing by themselves: their message goes into the error of the step.
pub fn keep_panics_quiet() {
    set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        PLACE.with_borrow_mut(|last| *last = place);
    }));
}

/// The message of a panic.
fn message_of(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no reason given")
}

/// Makes an error of a panic.
pub fn describe_panic(panic: &(dyn Any + Send)) -> Error {
    let place = PLACE.with_borrow_mut(Option::take).unwrap_or_else(|| "an unknown place".into());
    let what = message_of(panic);
    Error::Numerics(format!("a fault of the program ended this step, at {place}: {what}"))
}

/// Calls `compute`; a panic in it is an error.
pub fn catch_panic<T>(compute: impl FnOnce() -> T) -> Result<T, Error> {
    catch_unwind(AssertUnwindSafe(compute)).map_err(|panic| describe_panic(&*panic))
}
