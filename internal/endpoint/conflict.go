package endpoint

import "errors"

// Conflict returns the error of Resolve for arguments that are each right, but choose a host that
// does not serve the region. It returns nil unless Region and one of Domain, Endpoint and Type are
// set. It also returns nil if PathStyle would make the host right, since an incomplete Input may
// still lack it.
func (in Input) Conflict() *Error {
	given := 0
	for _, argument := range []string{in.Domain, in.Endpoint, string(in.Type)} {
		if argument != "" {
			given++
		}
	}
	if given != 1 || in.Region == "" {
		return nil
	}
	_, err := Resolve(in)
	var fault *Error
	if !errors.As(err, &fault) || !in.isReadable() {
		return nil
	}
	in.PathStyle = true
	if _, err := Resolve(in); err == nil {
		return nil
	}
	return fault
}

// isReadable reports whether none of the arguments has a fault of its own. One of Domain, Endpoint
// and Type is set. The others are empty, which is a fault of each.
func (in Input) isReadable() bool {
	_, domain := ParseDomain(in.Domain)
	_, host := ParseEndpoint(in.Endpoint)
	_, kind := ParseType(FieldType, string(in.Type))
	_, region := ParseRegion(in.Region)
	return (domain == nil || host == nil || kind == nil) && region == nil && CheckBucket(in.Bucket) == nil
}
