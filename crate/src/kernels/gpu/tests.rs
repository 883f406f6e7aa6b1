//! The GPU as a device: its errors, reads in pieces, short sources and the loss of the device.

use crate::element::Dtype;
use crate::element::rows::InMemory;
use crate::error::Error;
use crate::kernels::testing::{Values, gpu};
use crate::kernels::{Backend, Operand, Residence};
use pollster::block_on;
use std::rc::Rc;

#[test]
fn errors_say_what_does_not_fit() {
    block_on(async {
        let gpu = gpu();
        assert!(gpu.info().software || !gpu.info().backend.is_empty());
        let f64_matrix = gpu.matrix(1, 1, Dtype::F64, vec![0; 8]).await;
        assert!(matches!(f64_matrix, Err(Error::Device(text)) if text.contains("CPU backend")));
        assert!(gpu.matrix(2, 2, Dtype::F32, vec![0; 8]).await.is_err());
        assert!(matches!(
            gpu.empty_block(1 << 20, 1 << 12).await,
            Err(Error::OutOfMemory(text)) if text.contains("limit")
        ));
        let matrix = gpu.matrix(1, 1, Dtype::F32, vec![0; 4]).await.expect("a matrix");
        let x = gpu.block(2, 1, &[0.0; 2]).expect("a block");
        assert!(gpu.product(Operand::One(&matrix), false, &x).await.is_err());
    });
}

#[test]
fn rows_are_read_in_pieces() {
    block_on(async {
        // 10 MiB: more than one piece of a readback; 3 columns: rows are padded on the device.
        let (rows, cols) = (655_360, 3);
        let values = Values::new(13).draw_block(rows * cols);
        let gpu = gpu();
        let block = gpu.block(rows, cols, &values).expect("a block");
        assert!(gpu.read(&block).await.expect("values") == values);
        let some = gpu.read_rows(&block, 600_001..600_004).await.expect("three rows");
        assert!(some == values[600_001 * cols..600_004 * cols]);
        assert!(gpu.read_rows(&block, 5..5).await.expect("no rows").is_empty());
    });
}

#[test]
fn short_reads_and_lost_devices_have_names() {
    block_on(async {
        let gpu = gpu();
        let short = Rc::new(InMemory { bytes: vec![0; 12], row_bytes: 4 });
        let streamed = Residence::Streamed(1 << 20);
        let matrix = gpu.place(4, 1, Dtype::F32, short, streamed).await.expect("nothing is read");
        let x = gpu.block(1, 1, &[1.0]).expect("a block");
        let error =
            gpu.product(Operand::One(&matrix), false, &x).await.err().expect("a row is missing");
        assert!(error.to_string().contains("outside the matrix"), "{error}");
        gpu.device.lose();
        let error = match gpu.matrix(1, 1, Dtype::F32, vec![0; 4]).await {
            Err(error) => error,
            Ok(matrix) => match gpu.product(Operand::One(&matrix), false, &x).await {
                Err(error) => error,
                Ok(y) => gpu.read(&y).await.expect_err("the device is lost"),
            },
        };
        assert!(error.to_string().contains("lost"), "{error}");
    });
}
