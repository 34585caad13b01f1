package credentials

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/ini.v1"
)

// parseINIProfiles parses an ini file with a section for each profile: that of Alibaba's
// credentials libraries, in which each section has a type, or that of ossutil (sections [default],
// [profile x] and, in version 1, [Credentials], names without regard to case,
// https://help.aliyun.com/zh/oss/developer-reference/configure-ossutil2). The error continues a
// sentence that begins with the file.
func parseINIProfiles(content []byte) (profileFile, error) {
	file, err := loadINI(content)
	if err != nil {
		return profileFile{}, errors.New("is neither JSON of the Alibaba Cloud CLI nor an ini file of profiles")
	}
	lookup := func(name string, _ bool) (profile, bool, error) {
		fields := iniSection(file, name)
		if fields == nil {
			return profile{}, false, nil
		}
		p, err := fields.profile()
		p.Name = name
		return p, true, err
	}
	return profileFile{current: defaultProfile, lookup: lookup}, nil
}

// loadINI returns a panic of the library as an error.
func loadINI(content []byte) (file *ini.File, err error) {
	defer func() {
		if recover() != nil {
			err = errors.New("the library that reads it failed")
		}
	}()
	// With a delimiter that names contain, section a.b would inherit missing fields from section a.
	return ini.LoadSources(ini.LoadOptions{ChildSectionDelimiter: "\x00"}, content)
}

// iniFields are the values of a section by their names in lower case, without - and _.
type iniFields map[string]string

// iniSection returns the fields of a profile's section, the first that has keys, or nil.
func iniSection(file *ini.File, name string) iniFields {
	names := []string{name, "profile " + name}
	if name == defaultProfile {
		names = append(names, "Credentials")
	}
	same := func(a, b string) bool { return a == b }
	var first iniFields
	for _, wanted := range names {
		for _, equal := range []func(a, b string) bool{same, strings.EqualFold} {
			for _, section := range file.Sections() {
				// The library's own section for lines before the first one has the name DEFAULT.
				isWanted := equal(strings.Join(strings.Fields(section.Name()), " "), wanted)
				if !isWanted || section.Name() == ini.DefaultSection && len(section.Keys()) == 0 {
					continue
				}
				fields := newINIFields(section)
				if fields.value("mode", "type", "accesskeyid") != "" {
					return fields
				}
				if first == nil {
					first = fields
				}
			}
		}
	}
	return first
}

func newINIFields(section *ini.Section) iniFields {
	fields := iniFields{}
	for _, key := range section.Keys() {
		name := strings.NewReplacer("-", "", "_", "").Replace(strings.ToLower(key.Name()))
		fields[name] = cmp.Or(fields[name], key.Value())
	}
	return fields
}

func (f iniFields) value(names ...string) string {
	for _, name := range names {
		if f[name] != "" {
			return f[name]
		}
	}
	return ""
}

func (f iniFields) profile() (p profile, err error) {
	p = profile{
		AccessKeyID: f["accesskeyid"], AccessKeySecret: NewSecret(f["accesskeysecret"]),
		STSToken: NewSecret(f.value("securitytoken", "ststoken")),
		RoleARN:  f.value("rolearn", "ramrolearn"), SessionName: f["rolesessionname"],
		Policy: f["policy"], ExternalID: f["externalid"],
		RoleName: f.value("rolename", "ecsrolename"), SourceProfile: f["sourceprofile"],
		OIDCProviderARN: f["oidcproviderarn"], OIDCTokenFile: f.value("oidctokenfilepath", "oidctokenfile"),
		CredentialsURI: f["credentialsuri"],
		STSEndpoint:    f["stsendpoint"], STSRegion: f["stsregion"], RegionID: f.value("regionid", "region"),
		EnableVPC: f["enablevpc"] == "true",
	}
	kind, name := f["type"], f["mode"]
	all := modes()
	known := slices.IndexFunc(all, func(m mode) bool {
		return kind != "" && m.iniType == kind || kind == "" && strings.EqualFold(m.name, name)
	})
	switch {
	case known >= 0:
		p.Mode = all[known].name
	case kind != "":
		return profile{}, advise("use access_key, sts, ram_role_arn, ecs_ram_role, oidc_role_arn or credentials_uri",
			fmt.Errorf("its type%s cannot be used", quotedWord(kind)))
	case name != "":
		p.Mode = name
	case !p.STSToken.IsEmpty():
		p.Mode = modeStsToken
	default:
		p.Mode = modeAK
	}
	if kind == "" && p.Mode == modeRamRoleArn && p.AccessKeyID == "" && p.SourceProfile != "" {
		p.Mode = modeChainable
	}
	if seconds := f.value("rolesessionexpiration", "durationseconds", "tokentimeout"); seconds != "" {
		if p.ExpiredSeconds, err = strconv.ParseInt(seconds, 10, 64); err != nil {
			return profile{}, errors.New("the session's length is not a whole number of seconds")
		}
	}
	return p, nil
}
