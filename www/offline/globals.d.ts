// What the build puts before the text of the service worker.
declare const FILES: string[];
declare const VERSION: string;
