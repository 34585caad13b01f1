package credentials

import (
	"errors"
	"fmt"
	"strings"

	"github.com/alioss/terraform-provider-alioss/internal/text"
)

// Notice is a warning about two identities: which signs, which does not, and how to resolve it. It
// shows no value.
type Notice struct {
	// Path is the argument of the configuration at fault, empty for the environment alone.
	Path []string
	// Title has at most four words, Text is one or more sentences.
	Title, Text string
}

// notices returns the warnings about a choice, in the order of their paths and titles. base has not
// assumed the role of assume_role, passed are the places that were skipped before.
func (f finder) notices(c candidate, base Credentials, passed []Place) []Notice {
	var notices []Notice
	if c.family != (family{}) {
		var others []string
		for _, v := range families {
			keys := f.environment.keys(v)
			if keys[0] != "" && keys[1] != "" && keys[0] != f.environment.variable(c.family.id) {
				others = append(others, v.pair())
			}
		}
		if len(others) > 0 {
			notices = append(notices, Notice{nil, "Two Identities In Variables", fmt.Sprintf(
				"The environment variables %s sign. %s are set too, with another AccessKey ID, and do not sign. "+
					"Unset the variables that you do not need, or set access_key and secret_key, profile or another source in "+
					"the configuration.",
				c.family.pair(), strings.Join(others, ", "))})
		}
	}
	argument := f.config.source()
	variables := f.alicloudKeys(c, base)
	switch {
	case argument != "" && c.argument == "":
		notices = append(notices, Notice{[]string{argument}, "Credentials Source Not Found", fmt.Sprintf(
			"The source in %s does not exist on this machine. %s The %s sign in its place. If they are the wrong identity, "+
				"unset these variables. If the source is never there, remove %s.",
			argument, text.Sentence(errors.New(passed[0].Reason)), c.place, argument)})
	case argument != "" && argument != "access_key" && variables != "":
		notices = append(notices, Notice{[]string{argument}, "Another Identity In Variables", fmt.Sprintf(
			"The source in %s signs (%s). The environment variables %s contain another key and do not sign here, but the "+
				"alicloud provider uses them even if its block contains the same %s. Unset them to have one identity, or remove "+
				"%s to sign with them.",
			argument, base.Source, variables, argument, argument)})
	}
	return notices
}

// alicloudKeys returns the variables of the key that the alicloud provider uses, if it is another
// than the signing one. alicloud uses the first ID and the first secret, even of different families
// (its provider.go, access_key and secret_key), and with them assumes a RamRoleArn profile's role.
func (f finder) alicloudKeys(c candidate, base Credentials) string {
	alicloud, alibabaCloud, alibabacloud := families[1], families[3], families[4]
	id := f.environment.first(alicloud.id, alibabaCloud.id, alibabacloud.id)
	secret := f.environment.first(alicloud.secret, alibabaCloud.secret, alibabacloud.secret)
	isOfRole := c.profile.Mode == modeRamRoleArn && id.value == c.profile.AccessKeyID
	if id.value == "" || secret.value == "" || id.value == base.AccessKeyID() || isOfRole {
		return ""
	}
	return id.from + " and " + secret.from
}
