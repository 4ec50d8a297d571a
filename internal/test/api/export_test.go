package api

// PersonalData is the group that plants canaries, for a test of its own.
var PersonalData = personalData
