package provider

import "context"

func newDataPresignedURL() *form {
	return newForm("Creates a presigned URL for one object. The URL is signed at each plan, unless `rotate_every` or "+
		"`signing_time` keeps it the same. Signing sends no request to OSS, so use `verify` to check that the object exists.",
		(*client).readOne,
		[]attributes{urlAttributes, objectAttributes, verifyAttributes, notAfterAttribute, timingAttributes},
		checkVerify)
}

func (c *client) readOne(ctx context.Context, s *signing) (values, faults) {
	results, found := c.signOne(ctx, s)
	return results, append(found, warnOfKey(s.config)...)
}
