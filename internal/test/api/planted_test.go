package api_test

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"

	apitest "github.com/iade/iade/internal/test/api"
)

// TestEveryMemberThatIsPassedOnIsPlanted: what docs/privacy.md says is not kept is what the group that looks for it sends.
func TestEveryMemberThatIsPassedOnIsPlanted(t *testing.T) {
	t.Parallel()
	document, err := os.ReadFile("../../../docs/privacy.md")
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	sent := map[string]bool{}
	apitest.PersonalData(t, apitest.Target{Start: func(t *testing.T, o apitest.Options) apitest.System {
		s := newInProcess(t, o)
		return s.system(func(req apitest.Request) (apitest.Reply, error) {
			var body any
			if json.Unmarshal(req.Body, &body) == nil {
				mu.Lock()
				apitest.Leaves(body, "", sent)
				mu.Unlock()
			}
			return overGateway(s.api, req)
		})
	}})
	passedOn := 0
	for line := range strings.SplitSeq(string(document), "\n") {
		members, becomes, found := strings.Cut(strings.TrimPrefix(line, "| "), " | ")
		if !found || !strings.HasPrefix(becomes, "passed on to iyzico, not kept") {
			continue
		}
		for _, member := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(members, -1) {
			if passedOn++; !sent[member[1]] {
				t.Errorf("%s is said to be passed on and not kept, and no canary is planted there", member[1])
			}
		}
	}
	if passedOn == 0 {
		t.Error("docs/privacy.md names nothing that is passed on")
	}
}
