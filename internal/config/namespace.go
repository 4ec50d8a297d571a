package config

import (
	"errors"
	"strings"
)

// maxNamespace is the longest namespace that CloudWatch takes, in characters (API reference, MetricDatum's PutMetricData).
const maxNamespace = 255

const namespaceLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-/#:"

// namespace reads the namespace of the metrics. AWS/ is kept for AWS's own.
func namespace(s *Settings, value string) error {
	odd := func(r rune) bool { return !strings.ContainsRune(namespaceLetters, r) }
	if len(value) > maxNamespace || strings.HasPrefix(value, "AWS/") || strings.ContainsFunc(value, odd) || value[0] == ':' {
		return errors.New("must be at most 255 letters, digits and ._-/#: and must not begin with AWS/ or a colon")
	}
	s.MetricsNamespace = value
	return nil
}
