import { hostConformance, transportConformance } from '../transport/conformance.js';
import { rdma } from './domain.js';

transportConformance('RDMA', rdma);
hostConformance('RDMA', rdma);
