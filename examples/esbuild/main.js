import 'gatescope';
import { analyze } from 'gatescope/analyze';
import { showComparison } from '../shared/show-comparison.js';

await showComparison(analyze);
