/** Version of the SDKs, sent with every batch; a test holds it equal to the packages'. */
export const sdkVersion = '0.1.0'
