package version

import (
	"runtime/debug"
	"testing"
)

func TestTheVersionIsNeverEmpty(t *testing.T) {
	t.Parallel()
	if String() == "" {
		t.Error("it is empty")
	}
	commit := debug.BuildSetting{Key: "vcs.revision", Value: "1a2b3c4"}
	for want, info := range map[string]*debug.BuildInfo{
		"v1.4.0":    {Main: debug.Module{Version: "v1.4.0"}, Settings: []debug.BuildSetting{commit}},
		"1a2b3c4":   {Main: debug.Module{Version: "(devel)"}, Settings: []debug.BuildSetting{commit}},
		unversioned: {},
	} {
		if got := of(info); got != want {
			t.Errorf("%s, not %s", got, want)
		}
	}
}
