/** The server sends the same shell for every address; everything else happens in the browser. */
export const ssr = false;
