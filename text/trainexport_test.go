package text

// ClassifierMagic begins the file of a classifier.
const ClassifierMagic = classifierMagic
