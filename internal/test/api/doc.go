// Package api is the one suite that every entrance of the API passes, seen from outside only: requests, answers,
// and the control side of the fake iyzico. A Target says how to start a system and how to send it a
// request; no case looks inside. Every answer, good and bad, is held against openapi.yaml on its way.
package api
