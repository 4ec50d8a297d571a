// Package version says which iade this is: what `git describe` said when it was built.
package version

import "runtime/debug"

// tag is set by the linker (build/lambda.mk).
var tag string

// String is the version, such as v1.4.0, or v1.4.0-3-g1a2b3c4 three commits after it. Of what no build named it is what Go
// knows (the module's version or the commit), and "unversioned" where Go knows nothing. It is never empty.
func String() string {
	if tag != "" {
		return tag
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return unversioned
	}
	return of(info)
}

const unversioned = "unversioned"

func of(info *debug.BuildInfo) string {
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" && setting.Value != "" {
			return setting.Value
		}
	}
	return unversioned
}
