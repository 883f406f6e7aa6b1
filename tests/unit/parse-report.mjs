// The report of a text, as the page takes it.
import { parseJson } from '../../www/report/check.js';
import { checkReport } from '../../www/report/parse.js';

export const parseReport = (text) => checkReport(parseJson(text));
