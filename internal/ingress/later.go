package ingress

import (
	"context"
	"encoding/json"
)

// What is not part of this version, or not set up, is answered with 501. Everything that says so for a whole function is in
// this file.

func notImplemented() Response { return newProblem(codeNotImplemented, "").response() }

// NotBuilt answers any event of a function whose issue is not done: 501, as a problem.
func (a *API) NotBuilt(context.Context, json.RawMessage) (any, error) {
	return bareReply(notImplemented()), nil
}
