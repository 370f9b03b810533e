"""What is wrong with the acceptances themselves; sorting the findings out brings it up."""
