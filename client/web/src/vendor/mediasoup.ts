/** What calls over mediasoup take of its library, as a file of its own: build-vendor.ts. */
export { Device } from "mediasoup-client";
