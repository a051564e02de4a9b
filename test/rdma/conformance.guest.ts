import { hostConformance, transportConformance } from '../transport/conformance.js';
import { rdma } from './domain.js';

transportConformance('RDMA', rdma);
hostConformance('RDMA', rdma);

// Most of the suite is about what the second member sees of the first.
const nearAndFar = () => rdma(3, [1, 1, 2]);
transportConformance('shared pages and RDMA, the first and the second on one machine', nearAndFar);
hostConformance('shared pages and RDMA, the first and the second on one machine', nearAndFar);
transportConformance('shared pages and RDMA, the first and the third on one machine', () =>
  rdma(3, [1, 2, 1]),
);
