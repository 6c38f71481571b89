package text

// Stem lets the evaluation compare phrases by their stems.
func Stem(word string) string { return string(stem([]byte(word))) }
