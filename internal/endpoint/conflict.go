package endpoint

import "errors"

// Conflict returns the error of Resolve for arguments that are each right, but choose a host that
// does not serve the region. It returns nil unless Region and one of Domain, Endpoint and Type are
// set. It also returns nil if PathStyle would make the host right, since an incomplete Input may
// still lack it.
func (i Input) Conflict() *Error {
	given := 0
	for _, argument := range []string{i.Domain, i.Endpoint, string(i.Type)} {
		if argument != "" {
			given++
		}
	}
	if given != 1 || i.Region == "" {
		return nil
	}
	_, err := Resolve(i)
	var fault *Error
	if !errors.As(err, &fault) || !i.isReadable() {
		return nil
	}
	i.PathStyle = true
	if _, err := Resolve(i); err == nil {
		return nil
	}
	return fault
}

// isReadable reports whether none of the arguments has a fault of its own. One of Domain, Endpoint
// and Type is set. The others are empty, which is a fault of each.
func (i Input) isReadable() bool {
	_, domain := ParseDomain(i.Domain)
	_, host := ParseEndpoint(i.Endpoint)
	_, kind := ParseType(FieldType, string(i.Type))
	_, region := ParseRegion(i.Region)
	return (domain == nil || host == nil || kind == nil) && region == nil && CheckBucket(i.Bucket) == nil
}
