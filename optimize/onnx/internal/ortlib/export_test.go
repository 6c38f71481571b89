package ortlib

// InspectReader is [Inspect] without a file.
var InspectReader = inspect
