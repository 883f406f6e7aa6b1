//! The numbers of a scale tensor.

use crate::checkpoint::formats::quantized::codes::e8m0;
use crate::checkpoint::raw::RawTensor;
use crate::element::decode::Decoder;
use crate::error::Error;
use std::cell::RefCell;
use std::ops::Range;
use std::rc::Rc;

/// The most scales of a tensor that are kept: more are read again for every range.
const MOST_KEPT: u64 = 1 << 16;

/// A scale tensor. A small one is read once, when it is first needed.
pub(crate) struct Scales {
    of: RawTensor,
    kept: RefCell<Option<Rc<[f32]>>>,
}

impl Scales {
    /// Takes the tensor of the scales.
    pub fn new(of: &RawTensor) -> Self {
        Self { of: of.clone(), kept: RefCell::default() }
    }

    /// Reads at least the scales `places`. Returns them with the place of the first.
    pub async fn get(&self, places: Range<u64>) -> Result<(Rc<[f32]>, usize), Error> {
        if self.of.elements() > MOST_KEPT {
            return Ok((self.read(places.clone()).await?, places.start as usize));
        }
        if let Some(kept) = self.kept.borrow().as_ref() {
            return Ok((kept.clone(), 0));
        }
        let all = self.read(0..self.of.elements()).await?;
        *self.kept.borrow_mut() = Some(all.clone());
        Ok((all, 0))
    }

    async fn read(&self, places: Range<u64>) -> Result<Rc<[f32]>, Error> {
        let count = (places.end - places.start) as usize;
        let bytes = self.of.read(places).await?;
        Ok(match self.of.view() {
            Some(view) => {
                let mut values = vec![0.0; count];
                Decoder::new(view.dtype(), bytes).decode_f32(0, &mut values);
                values.into()
            }
            // Only exponents are let in besides.
            None => bytes.into_iter().map(e8m0).collect(),
        })
    }
}
