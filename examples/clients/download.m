#import <Foundation/Foundation.h>

static BOOL download(NSString *text, NSString *file) {
  NSURL *url = [NSURL URLWithString:text]; // never escape the URL again
  NSHTTPURLResponse *answer = nil;
  NSURLRequest *request = [NSURLRequest requestWithURL:url];
  NSData *data = [NSURLConnection sendSynchronousRequest:request
                                       returningResponse:&answer
                                                   error:NULL];
  if (data == nil || [answer statusCode] != 200) return NO;
  if ([data length] != [answer expectedContentLength]) return NO; // cut off
  return [data writeToFile:file atomically:YES];
}

int main(void) {
  NSAutoreleasePool *pool = [[NSAutoreleasePool alloc] init]; // clang: @autoreleasepool
  NSDictionary *env = [[NSProcessInfo processInfo] environment];
  BOOL good = download([env objectForKey:@"URL"], [env objectForKey:@"FILE"]);
  [pool drain];
  return good ? 0 : 1;
}
