//! Streamed matrices are held to resident ones, bit for bit: the tiles are the same, only their way
//! differs.

use super::*;
use crate::element::grid::Grid;
use crate::element::rows::InMemory;
use crate::kernels::Residence;
use crate::kernels::diff::DiffQuery;
use crate::kernels::gpu::GpuBlock;
use crate::kernels::principal::PrincipalBand;
use crate::kernels::principal::PrincipalQuery;
use std::rc::Rc;

async fn streamed(
    gpu: &Gpu,
    (m, n): (usize, usize),
    dtype: Dtype,
    bytes: &[u8],
    tile: u64,
) -> GpuMatrix {
    let source = InMemory { bytes: bytes.to_vec(), row_bytes: n * dtype.size() };
    gpu.place(m, n, dtype, Rc::new(source), Residence::Streamed(tile)).await.unwrap()
}

async fn bits(gpu: &Gpu, w: Operand<'_, GpuMatrix>, transpose: bool, x: &GpuBlock) -> Vec<u32> {
    let y = gpu.product(w, transpose, x).await.unwrap();
    gpu.read(&y).await.unwrap().into_iter().map(f32::to_bits).collect()
}

#[test]
fn gpu_streamed_is_resident() {
    pollster::block_on(async {
        let mut v = Values(11);
        let mut gpu = gpu();
        for dtype in DTYPES {
            for (m, n) in SHAPES {
                let (a, b) = (encode(dtype, &v.many(m * n)), encode(dtype, &v.many(m * n)));
                let tile = tilings(n, dtype)[1];
                gpu = gpu.with_tile_bytes(tile);
                let (wa, wb) =
                    (upload(&gpu, (m, n), dtype, &a).await, upload(&gpu, (m, n), dtype, &b).await);
                let (sa, sb) = (
                    streamed(&gpu, (m, n), dtype, &a, tile).await,
                    streamed(&gpu, (m, n), dtype, &b, tile).await,
                );
                let what = format!("{dtype:?} {m}x{n}");
                assert!(m < 5 || sa.tile_count() >= 3, "{what}");
                for (transpose, k) in [(false, 6), (true, 5)] {
                    let length = if transpose { m } else { n };
                    let x = gpu.block(length, k, &v.many(length * k)).unwrap();
                    assert_eq!(
                        bits(&gpu, Operand::One(&sa), transpose, &x).await,
                        bits(&gpu, Operand::One(&wa), transpose, &x).await,
                        "{what}"
                    );
                    let want = bits(&gpu, Operand::Difference(&wa, &wb), transpose, &x).await;
                    assert_eq!(
                        bits(&gpu, Operand::Difference(&sa, &sb), transpose, &x).await,
                        want,
                        "{what}: Δ"
                    );
                    assert_eq!(
                        bits(&gpu, Operand::Difference(&wa, &sb), transpose, &x).await,
                        want,
                        "{what}: Δ, one side streamed"
                    );
                }
                let query = DiffQuery { eta: 1e-3, abs_tolerance: 1e-5, grid: Grid::new(m, n, 7) };
                assert!(
                    gpu.diff(&sa, &sb, &query).await.unwrap()
                        == gpu.diff(&wa, &wb, &query).await.unwrap(),
                    "{what}: diff"
                );
                let (left, right) = (
                    gpu.block(m, 5, &v.many(m * 5)).unwrap(),
                    gpu.block(n, 5, &v.many(n * 5)).unwrap(),
                );
                let bands = [2, 5].map(|rank| PrincipalBand { rank, from: 0.1, to: 0.9, low: 0.3 });
                let query = PrincipalQuery {
                    left: &left,
                    right: &right,
                    bands: &bands,
                    eta: 1e-3,
                    map: Some((Grid::new(m, n, 7), 0.5)),
                };
                let want = gpu.principal_counts(&wa, &wb, &query).await.unwrap();
                assert_eq!(
                    gpu.principal_counts(&sa, &sb, &query).await.unwrap(),
                    want,
                    "{what}: principal"
                );
            }
        }
    });
}

#[test]
fn gpu_tiles_of_whole_chunks_do_not_change_a_sum() {
    pollster::block_on(async {
        let mut v = Values(12);
        let (m, n, dtype) = (1030, 33, Dtype::Bf16);
        let bytes = encode(dtype, &v.many(m * n));
        let gpu = gpu();
        let whole = upload(&gpu, (m, n), dtype, &bytes).await;
        let tiled = streamed(&gpu, (m, n), dtype, &bytes, (300 * n * dtype.size()) as u64).await;
        assert_eq!((whole.tile_count(), tiled.tile_count()), (1, 5));
        for (transpose, length) in [(false, n), (true, m)] {
            let x = gpu.block(length, 7, &v.many(length * 7)).unwrap();
            assert_eq!(
                bits(&gpu, Operand::One(&tiled), transpose, &x).await,
                bits(&gpu, Operand::One(&whole), transpose, &x).await
            );
        }
    });
}

#[test]
fn gpu_rows_are_read_in_pieces() {
    pollster::block_on(async {
        let mut v = Values(13);
        // 10 MiB: more than one piece of a readback; 3 columns: rows are padded on the device.
        let (rows, cols) = (655_360, 3);
        let data = v.many(rows * cols);
        let gpu = gpu();
        let block = gpu.block(rows, cols, &data).unwrap();
        assert!(gpu.read(&block).await.unwrap() == data);
        assert!(
            gpu.read_rows(&block, 600_001..600_004).await.unwrap()
                == data[600_001 * cols..600_004 * cols]
        );
        assert!(gpu.read_rows(&block, 5..5).await.unwrap().is_empty());
    });
}

#[test]
fn gpu_short_reads_and_lost_devices_have_names() {
    pollster::block_on(async {
        let gpu = gpu();
        let short = InMemory { bytes: vec![0; 12], row_bytes: 4 };
        let matrix = gpu
            .place(4, 1, Dtype::F32, Rc::new(short), Residence::Streamed(1 << 20))
            .await
            .unwrap();
        let x = gpu.block(1, 1, &[1.0]).unwrap();
        let error =
            gpu.product(Operand::One(&matrix), false, &x).await.err().expect("a row is missing");
        assert!(error.to_string().contains("outside the matrix"), "{error}");
        gpu.device.lose();
        let small = gpu.matrix(1, 1, Dtype::F32, vec![0; 4]).await;
        let error = match small {
            Err(error) => error,
            Ok(m) => match gpu.product(Operand::One(&m), false, &x).await {
                Err(error) => error,
                Ok(y) => gpu.read(&y).await.expect_err("the device is lost"),
            },
        };
        assert!(error.to_string().contains("lost"), "{error}");
    });
}
