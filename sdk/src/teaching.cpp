#include <mixwright/teaching.h>

namespace mixwright {

LearnsFromTeacher::~LearnsFromTeacher() = default;

AnswersTeacher::~AnswersTeacher() = default;

}  // namespace mixwright
