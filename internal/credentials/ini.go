package credentials

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"gopkg.in/ini.v1"
)

// iniModes are the types of Alibaba's credentials libraries for ini files, as modes of the Alibaba
// Cloud CLI.
var iniModes = map[string]string{
	"access_key":      modeAK,
	"sts":             modeStsToken,
	"ram_role_arn":    modeRamRoleArn,
	"ecs_ram_role":    modeEcsRamRole,
	"oidc_role_arn":   modeOIDC,
	"credentials_uri": modeCredentialsURI,
	"rsa_key_pair":    "RsaKeyPair",
	"bearer":          "BearerToken",
}

// parseINIProfiles parses an ini file with a section for each profile: that of Alibaba's
// credentials libraries, in which each section has a type, or that of ossutil (sections [default],
// [profile x] and, in version 1, [Credentials], names without regard to case,
// https://help.aliyun.com/zh/oss/developer-reference/configure-ossutil2).
func parseINIProfiles(content []byte) (profileFile, error) {
	file, err := loadINI(content)
	if err != nil {
		return profileFile{}, errors.New("it is neither JSON of the Alibaba Cloud CLI nor an ini file of profiles")
	}
	return profileFile{
		current: defaultProfile,
		lookup: func(name string, _ bool) (profile, bool, error) {
			section := iniSection(file, name)
			if section == nil {
				return profile{}, false, nil
			}
			p, err := iniProfile(name, section)
			return p, true, err
		},
	}, nil
}

// loadINI parses an ini file. A panic of the library is an error.
func loadINI(content []byte) (file *ini.File, err error) {
	defer func() {
		if recover() != nil {
			err = errors.New("the library that reads it failed")
		}
	}()
	// Without a delimiter that no name contains, section a.b would inherit missing fields from section
	// a.
	return ini.LoadSources(ini.LoadOptions{ChildSectionDelimiter: "\x00"}, content)
}

// iniSection returns the section of a profile. Of several it is the first that has keys. It is nil
// if there is none.
func iniSection(file *ini.File, name string) *ini.Section {
	names := []string{name, "profile " + name}
	if name == defaultProfile {
		names = append(names, "Credentials")
	}
	var found *ini.Section
	for _, wanted := range names {
		for _, fold := range []bool{false, true} {
			for _, section := range file.Sections() {
				title := strings.Join(strings.Fields(section.Name()), " ")
				isWanted := title == wanted || fold && strings.EqualFold(title, wanted)
				// The library's own section for lines before the first one has the name DEFAULT.
				if !isWanted || section.Name() == ini.DefaultSection && len(section.Keys()) == 0 {
					continue
				}
				if iniFields(section)["mode"] != "" || iniFields(section)["type"] != "" || iniFields(section)["accesskeyid"] != "" {
					return section
				}
				if found == nil {
					found = section
				}
			}
		}
	}
	return found
}

// iniFields returns the values of a section by their names in lower case, without - and _.
func iniFields(section *ini.Section) map[string]string {
	fields := map[string]string{}
	for _, key := range section.Keys() {
		name := strings.NewReplacer("-", "", "_", "").Replace(strings.ToLower(key.Name()))
		if value := key.Value(); value != "" && fields[name] == "" {
			fields[name] = value
		}
	}
	return fields
}

func iniProfile(name string, section *ini.Section) (profile, error) {
	fields := iniFields(section)
	value := func(names ...string) string {
		for _, name := range names {
			if fields[name] != "" {
				return fields[name]
			}
		}
		return ""
	}
	p := profile{
		Name:        name,
		AccessKeyID: value("accesskeyid"), AccessKeySecret: NewSecret(value("accesskeysecret")),
		STSToken: NewSecret(value("securitytoken", "ststoken")),
		RoleARN:  value("rolearn", "ramrolearn"), SessionName: value("rolesessionname"),
		Policy: value("policy"), ExternalID: value("externalid"),
		RoleName: value("rolename", "ecsrolename"), SourceProfile: value("sourceprofile"),
		OIDCProviderARN: value("oidcproviderarn"), OIDCTokenFile: value("oidctokenfilepath", "oidctokenfile"),
		CredentialsURI: value("credentialsuri"),
		STSEndpoint:    value("stsendpoint"), STSRegion: value("stsregion"), RegionID: value("regionid", "region"),
		EnableVPC: value("enablevpc") == "true",
	}
	kind, mode := value("type"), value("mode")
	switch known, ok := iniModes[kind]; {
	case ok:
		p.Mode = known
	case kind != "":
		return profile{}, advise("use access_key, sts, ram_role_arn, ecs_ram_role, oidc_role_arn or credentials_uri",
			fmt.Errorf("its type%s cannot be used", quotedWord(kind)))
	case mode != "":
		p.Mode = mode
		for _, known := range modes {
			if strings.EqualFold(mode, known) {
				p.Mode = known
			}
		}
		if p.Mode == modeRamRoleArn && p.AccessKeyID == "" && p.SourceProfile != "" {
			p.Mode = modeChainable
		}
	case !p.STSToken.IsEmpty():
		p.Mode = modeStsToken
	default:
		p.Mode = modeAK
	}
	if seconds := value("rolesessionexpiration", "durationseconds", "tokentimeout"); seconds != "" {
		var err error
		if p.ExpiredSeconds, err = strconv.ParseInt(seconds, 10, 64); err != nil {
			return profile{}, errors.New("the session's length is not a whole number of seconds")
		}
	}
	return p, nil
}
